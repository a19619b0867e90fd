/* Reading a gx_log_position out of a row. For log_append.c and log_read.c. */
#ifndef GX_STORE_LOG_ROW_H
#define GX_STORE_LOG_ROW_H

#include "store/log.h"

/* From a row (seq, id, timestamp). An id that does not fit is a damaged store: a fault, false. */
bool gx_log_position_of_row(gx_statement *row, gx_log_position *out);

/* Steps a statement that gives such a row, or none, and resets it. */
gx_log_lookup gx_log_position_of_statement(gx_statement *statement, gx_log_position *out);

#endif
