/* What a driver implements; sqlite.c and (to come) postgres.c. Only store/ includes this. */
#ifndef GX_STORE_DRIVER_H
#define GX_STORE_DRIVER_H

#include "store/database.h"

typedef struct gx_driver {
    const char *name; /* "sqlite" */
    void (*close)(gx_database *database);
    gx_statement *(*prepare)(gx_database *database, const char *sql); /* NULL and a fault on failure */
    void (*finalize)(gx_statement *statement);
    void (*bind_text)(gx_statement *statement, int index, gx_span text);
    void (*bind_int)(gx_statement *statement, int index, int64_t value);
    void (*bind_null)(gx_statement *statement, int index);
    gx_step (*step)(gx_statement *statement);
    void (*reset)(gx_statement *statement);
    int64_t (*changes)(gx_statement *statement);
    gx_span (*column_text)(gx_statement *statement, int column); /* ptr NULL for NULL; NUL-terminated otherwise */
    int64_t (*column_int)(gx_statement *statement, int column);
    bool (*begin)(gx_database *database, bool writes);
    bool (*commit)(gx_database *database);
    void (*rollback)(gx_database *database);
    bool (*in_transaction)(const gx_database *database);
    bool (*script)(gx_database *database, const char *sql); /* several statements, for schema steps */
} gx_driver;

#endif
