/* An audit entry as every endpoint shows it. */
#ifndef GX_API_AUDIT_H
#define GX_API_AUDIT_H

#include "store/audit_entries.h"
#include "wire/json_writer.h"

void gx_audit_entry_write(gx_json *json, const gx_audit_row *entry);

#endif
