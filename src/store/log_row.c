#include "store/log_row.h"

#include <string.h>

#include "store/driver.h"

bool gx_log_position_of_row(gx_statement *row, gx_log_position *out)
{
    gx_span id = gx_column_span(row, 1);
    if (id.len >= sizeof out->id)
        return gx_database_fail(row->database, GX_FAULT_OTHER, "the log has an id of %zu bytes", id.len);
    *out = (gx_log_position){.seq = gx_column_int(row, 0), .timestamp_ms = gx_column_int(row, 2)};
    if (id.len > 0)
        memcpy(out->id, id.ptr, id.len);
    return true;
}

gx_log_lookup gx_log_position_of_statement(gx_statement *statement, gx_log_position *out)
{
    gx_step step = gx_statement_step(statement);
    if (step != GX_STEP_ROW)
        return step == GX_STEP_DONE ? GX_LOG_NOT_FOUND : GX_LOG_ERROR;
    bool fits = gx_log_position_of_row(statement, out);
    gx_statement_reset(statement);
    return fits ? GX_LOG_FOUND : GX_LOG_ERROR;
}
