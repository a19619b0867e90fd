/* The floor under durable debits: a bare loop over SQLite that does what a debit must do (move the balance, write the
 * ledger row), with the server's settings, and nothing else. One commit per debit, then one per 64.
 *
 *   bench-debit-floor FOLDER SECONDS   →   {"one":N,"shared":N}   debits per second */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SHARED = 64, BUDGETS = 64 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int ok, sqlite3 *database)
{
    if (ok)
        return;
    fprintf(stderr, "bench-debit-floor: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static void run(sqlite3 *database, const char *sql)
{
    must(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK, database);
}

static sqlite3_stmt *prepare(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK, database);
    return statement;
}

static sqlite3 *open_store(const char *folder)
{
    char path[4096];
    sqlite3 *database;
    snprintf(path, sizeof path, "%s/floor.db", folder);
    must(sqlite3_open(path, &database) == SQLITE_OK, database);
    run(database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                  "CREATE TABLE budgets (id INTEGER PRIMARY KEY, remaining BIGINT NOT NULL);"
                  "CREATE TABLE ledger (budget BIGINT, number BIGINT, id TEXT, amount BIGINT, created_at BIGINT,"
                  " PRIMARY KEY (budget, number));");
    for (int i = 0; i < BUDGETS; i++)
        run(database, "INSERT INTO budgets (remaining) VALUES (1000000000000)");
    return database;
}

static double measure(sqlite3 *database, int per_commit, double seconds)
{
    static long number;
    sqlite3_stmt *move =
        prepare(database, "UPDATE budgets SET remaining = remaining - 1 WHERE id = ? AND remaining >= 1");
    sqlite3_stmt *write = prepare(database, "INSERT INTO ledger VALUES (?, ?, 'btx_01KAS6GRP2J9XN5CN8H1E1DQZV', 1, 0)");
    long debits = 0;
    double began = now(), ended;
    do {
        run(database, "BEGIN IMMEDIATE");
        for (int i = 0; i < per_commit; i++, debits++, number++) {
            sqlite3_bind_int64(move, 1, number % BUDGETS + 1);
            must(sqlite3_step(move) == SQLITE_DONE && sqlite3_reset(move) == SQLITE_OK, database);
            sqlite3_bind_int64(write, 1, number % BUDGETS + 1);
            sqlite3_bind_int64(write, 2, number);
            must(sqlite3_step(write) == SQLITE_DONE && sqlite3_reset(write) == SQLITE_OK, database);
        }
        run(database, "COMMIT");
        ended = now();
    } while (ended - began < seconds);
    sqlite3_finalize(move);
    sqlite3_finalize(write);
    return (double)debits / (ended - began);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench-debit-floor FOLDER SECONDS\n");
        return 2;
    }
    sqlite3 *database = open_store(argv[1]);
    double seconds = atof(argv[2]);
    double one = measure(database, 1, seconds);
    double shared = measure(database, SHARED, seconds);
    printf("{\"one\":%.0f,\"shared\":%.0f}\n", one, shared);
    sqlite3_close(database);
    return 0;
}
