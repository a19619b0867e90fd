/* The SQLite driver. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/driver.h"

#define BUSY_TIMEOUT_MS 5000
#define MOST_PARAMETERS 32

typedef struct sqlite_database {
    gx_database base;
    sqlite3 *handle;
} sqlite_database;

typedef struct sqlite_statement {
    gx_statement base;
    sqlite3_stmt *handle;
    int64_t changes;
    /* SQLite takes "$2" for a NAME and numbers the names as they come: places[2] is where "$2" really is. */
    int places[MOST_PARAMETERS + 1];
} sqlite_statement;

static sqlite3 *handle_of(const gx_database *database)
{
    return ((const sqlite_database *)database)->handle;
}

static sqlite_statement *own(gx_statement *statement)
{
    return (sqlite_statement *)statement;
}

/* --- faults --- */

static const struct {
    int code;
    gx_database_fault fault;
} faults[] = {
    {SQLITE_CONSTRAINT_UNIQUE, GX_FAULT_UNIQUE},
    {SQLITE_CONSTRAINT_PRIMARYKEY, GX_FAULT_UNIQUE},
    {SQLITE_FULL, GX_FAULT_FULL},
    {SQLITE_IOERR, GX_FAULT_LOST},
    {SQLITE_CORRUPT, GX_FAULT_LOST},
    {SQLITE_NOTADB, GX_FAULT_LOST},
    {SQLITE_CANTOPEN, GX_FAULT_LOST},
    {SQLITE_PROTOCOL, GX_FAULT_LOST},
    {SQLITE_BUSY, GX_FAULT_LOST},
    {SQLITE_NOMEM, GX_FAULT_LOST},
};

/* Tries the extended code first, then the primary one, which is its low byte. */
static gx_database_fault fault_of(int code)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (faults[i].code == code || faults[i].code == (code & 0xff))
            return faults[i].fault;
    }
    return GX_FAULT_OTHER;
}

static bool check(gx_database *database, int code)
{
    if (code == SQLITE_OK)
        return true;
    return gx_database_fail(database, fault_of(code), "%s (SQLite %d)", sqlite3_errmsg(handle_of(database)), code);
}

/* --- statements --- */

static void sqlite_finalize(gx_statement *statement)
{
    sqlite3_finalize(own(statement)->handle);
    free(statement);
}

static bool find_places(sqlite_statement *statement)
{
    int count = sqlite3_bind_parameter_count(statement->handle);
    for (int place = 1; place <= count; place++) {
        const char *name = sqlite3_bind_parameter_name(statement->handle, place);
        long number = name != NULL && name[0] == '$' ? strtol(name + 1, NULL, 10) : 0;
        if (number < 1 || number > MOST_PARAMETERS)
            return false;
        statement->places[number] = place;
    }
    return true;
}

static gx_statement *sqlite_prepare(gx_database *database, const char *sql)
{
    sqlite_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL) {
        gx_database_fail(database, GX_FAULT_LOST, "out of memory");
        return NULL;
    }
    int code = sqlite3_prepare_v3(handle_of(database), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
    if (check(database, code)) {
        if (find_places(statement))
            return &statement->base;
        gx_database_fail(database, GX_FAULT_OTHER, "parameters are $1 to $%d: %s", MOST_PARAMETERS, sql);
    }
    sqlite_finalize(&statement->base);
    return NULL;
}

/* Where $index is; 0, which SQLite refuses as out of range, when the statement has none. */
static int place_of(gx_statement *statement, int index)
{
    return index >= 1 && index <= MOST_PARAMETERS ? own(statement)->places[index] : 0;
}

static bool sqlite_bind_text(gx_statement *statement, int index, gx_span text)
{
    const char *bytes = text.ptr == NULL ? "" : text.ptr; /* SQLite would bind NULL */
    return check(statement->database, sqlite3_bind_text64(own(statement)->handle, place_of(statement, index), bytes,
                                                          text.len, SQLITE_TRANSIENT, SQLITE_UTF8));
}

static bool sqlite_bind_int(gx_statement *statement, int index, int64_t value)
{
    return check(statement->database, sqlite3_bind_int64(own(statement)->handle, place_of(statement, index), value));
}

static bool sqlite_bind_null(gx_statement *statement, int index)
{
    return check(statement->database, sqlite3_bind_null(own(statement)->handle, place_of(statement, index)));
}

static gx_step sqlite_step(gx_statement *statement)
{
    sqlite3_stmt *handle = own(statement)->handle;
    int code = sqlite3_step(handle);
    if (code == SQLITE_ROW)
        return GX_STEP_ROW;
    if (code != SQLITE_DONE) {
        check(statement->database, code);
        return GX_STEP_ERROR;
    }
    own(statement)->changes = sqlite3_stmt_readonly(handle) ? 0 : sqlite3_changes(handle_of(statement->database));
    return GX_STEP_DONE;
}

static void sqlite_reset(gx_statement *statement)
{
    sqlite3_reset(own(statement)->handle); /* gives the step's error again: known already */
    sqlite3_clear_bindings(own(statement)->handle);
}

static int64_t sqlite_changes(gx_statement *statement)
{
    return own(statement)->changes;
}

static gx_span sqlite_column_text(gx_statement *statement, int column)
{
    sqlite3_stmt *handle = own(statement)->handle;
    const char *text = (const char *)sqlite3_column_text(handle, column);
    return (gx_span){text, (size_t)sqlite3_column_bytes(handle, column)}; /* in this order: text first converts */
}

static int64_t sqlite_column_int(gx_statement *statement, int column)
{
    return sqlite3_column_int64(own(statement)->handle, column);
}

/* --- transactions --- */

/* IMMEDIATE: a transaction that will write takes the write lock first, so that it cannot fail half-way by it. */
static bool sqlite_begin(gx_database *database, bool writes)
{
    return gx_statement_run(gx_query(database, writes ? "BEGIN IMMEDIATE" : "BEGIN"));
}

/* In one process with its store: it always knows. */
static gx_commit sqlite_commit(gx_database *database)
{
    return gx_statement_run(gx_query(database, "COMMIT")) ? GX_COMMIT_DONE : GX_COMMIT_NOT_DONE;
}

/* Prepared when the connection opens: giving up must not need memory (unless the schema changed meanwhile). */
static const char rollback_sql[] = "ROLLBACK";

static void sqlite_rollback(gx_database *database)
{
    gx_statement_run(gx_query(database, rollback_sql));
}

/* SQLite itself ends the transaction after some faults (disk full, I/O): only it knows. */
static bool sqlite_in_transaction(const gx_database *database)
{
    return !sqlite3_get_autocommit(handle_of(database));
}

/* Rows of a clustered table lie in the order of their primary key. Both texts are of our own schema: what is put in is
 * not longer than what it replaces. */
static void cluster_tables(char *sql)
{
    static const char mark[] = "/* clustered */", clause[] = "WITHOUT ROWID  ";
    _Static_assert(sizeof mark == sizeof clause, "replaced in place");
    for (char *at = sql; (at = strstr(at, mark)) != NULL;)
        memcpy(at, clause, sizeof clause - 1);
}

static bool sqlite_script(gx_database *database, const char *sql)
{
    char *own_sql = strdup(sql);
    if (own_sql == NULL)
        return gx_database_fail(database, GX_FAULT_LOST, "out of memory");
    cluster_tables(own_sql);
    bool done = check(database, sqlite3_exec(handle_of(database), own_sql, NULL, NULL, NULL));
    free(own_sql);
    return done;
}

/* --- the connection --- */

static void sqlite_close(gx_database *database)
{
    sqlite3_close(handle_of(database));
    free(database);
}

static const gx_driver sqlite_driver = {
    .name = "sqlite",
    .write_lanes = 1,
    .list_tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    .list_columns = "SELECT name FROM pragma_table_info($1) ORDER BY cid",
    .close = sqlite_close,
    .prepare = sqlite_prepare,
    .finalize = sqlite_finalize,
    .bind_text = sqlite_bind_text,
    .bind_int = sqlite_bind_int,
    .bind_null = sqlite_bind_null,
    .step = sqlite_step,
    .reset = sqlite_reset,
    .changes = sqlite_changes,
    .column_text = sqlite_column_text,
    .column_int = sqlite_column_int,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .in_transaction = sqlite_in_transaction,
    .script = sqlite_script,
};

/* SQLite would create the file by the umask; it holds keys and tokens' hashes, so nobody else may read it (the -wal and
 * -shm files take after it). A file that is there is not opened: closing it again would drop this process's locks. */
static int create_private_file(const char *location, gx_error *error)
{
    int fd = open(location, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return gx_error_set(error, "cannot create %s: %s", location, strerror(errno));
    return 0;
}

/* One connection's own store, gone when it closes: for tests of rules. */
static bool in_memory(const char *location)
{
    return strcmp(location, ":memory:") == 0;
}

/* WAL: readers and the writer do not wait for each other. A file system without shared memory refuses it silently. */
static bool switch_to_wal(gx_database *database)
{
    gx_statement *statement = gx_query(database, "PRAGMA journal_mode=WAL");
    if (gx_statement_step(statement) != GX_STEP_ROW)
        return false;
    bool wal = strcmp(gx_column_text(statement, 0), "wal") == 0;
    gx_statement_reset(statement);
    return wal || gx_database_fail(database, GX_FAULT_OTHER, "this file system does not allow SQLite's WAL");
}

/* The busy timeout does not hold for the switch: of two programs that start on a new file, one is told BUSY at once. */
static bool use_wal(gx_database *database)
{
    int64_t deadline = gx_clock_monotonic_ms() + BUSY_TIMEOUT_MS;
    while (!switch_to_wal(database)) {
        if ((sqlite3_errcode(handle_of(database)) & 0xff) != SQLITE_BUSY || gx_clock_monotonic_ms() >= deadline)
            return false;
        sqlite3_sleep(10);
    }
    return true;
}

/* synchronous=FULL: a COMMIT that returned has been synced. temp_store=MEMORY: what undoes a savepoint is not written
 * to a temporary file, which happens as soon as the jobs of one commit have touched sixteen pages. */
static bool apply_settings(gx_database *database, bool to_wal)
{
    sqlite3 *handle = handle_of(database);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL); /* "name" is never a string by mistake */
    return check(database, sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS)) && (!to_wal || use_wal(database)) &&
           gx_statement_run(gx_query(database, "PRAGMA synchronous=FULL")) &&
           gx_statement_run(gx_query(database, "PRAGMA foreign_keys=ON")) &&
           gx_statement_run(gx_query(database, "PRAGMA temp_store=MEMORY")) && gx_query(database, rollback_sql) != NULL;
}

static bool open_and_set(sqlite_database *database, const char *location, bool read_only)
{
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    database->base.driver = &sqlite_driver;
    return check(&database->base, sqlite3_open_v2(location, &database->handle, flags, NULL)) &&
           apply_settings(&database->base, !read_only && !in_memory(location));
}

static int make_ready(const char *location, bool read_only, gx_error *error)
{
    if (location[0] == '\0') /* SQLite's name for a file that it deletes again */
        return gx_error_set(error, "the store has no location");
    if (in_memory(location))
        return read_only ? gx_error_set(error, "a store in memory has one connection only") : 0;
    return read_only ? 0 : create_private_file(location, error);
}

/* Nobody asks how much memory SQLite uses, and counting it takes a lock of the whole program at every malloc and free.
 */
static void count_no_memory(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

gx_database *gx_sqlite_open(const char *location, bool read_only, gx_error *error)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT; /* by the first to open: later, SQLite refuses it */
    pthread_once(&configured, count_no_memory);
    if (make_ready(location, read_only, error) != 0)
        return NULL;
    sqlite_database *database = calloc(1, sizeof *database);
    if (database == NULL) {
        gx_error_set(error, "cannot open %s: out of memory", location);
        return NULL;
    }
    if (!open_and_set(database, location, read_only)) {
        gx_error_set(error, "cannot open %s: %s", location, gx_database_message(&database->base));
        gx_database_close(&database->base);
        return NULL;
    }
    return &database->base;
}
