/* The schema, by numbered steps. src/store/schema/NNNN_name.sql are embedded at build; each runs once, in its own
 * transaction, and is written down in schema_steps(step, name, applied_at). */
#ifndef GX_STORE_SCHEMA_H
#define GX_STORE_SCHEMA_H

#include "store/database.h"

/* Brings the database to the newest step. -1 and `error` when a step fails, or when the database is newer than this
 * program (it is then left alone). */
int gx_schema_migrate(gx_database *database, gx_error *error);

/* The newest step this program knows. */
int gx_schema_newest(void);

#endif
