/* A bare scan of a log's rows: the same statement that a replay runs, in one go, with every column looked at.
 *
 *   bench-replay-floor STORE DEVELOPER → {"rows", "bytes", "seconds"} */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { COLUMNS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int result, int wanted, sqlite3 *database)
{
    if (result == wanted)
        return;
    fprintf(stderr, "bench-replay-floor: %s\n", sqlite3_errmsg(database));
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: bench-replay-floor STORE DEVELOPER\n");
        return 2;
    }
    sqlite3 *database;
    sqlite3_stmt *rows;
    must(sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK, database);
    must(sqlite3_prepare_v2(database,
                            "SELECT seq, id, type, timestamp, data FROM events WHERE developer_id = ?1 AND seq > 0 "
                            "ORDER BY seq",
                            -1, &rows, NULL),
         SQLITE_OK, database);
    must(sqlite3_bind_text(rows, 1, argv[2], -1, SQLITE_STATIC), SQLITE_OK, database);
    long long count = 0, bytes = 0;
    double began = now();
    int step;
    for (; (step = sqlite3_step(rows)) == SQLITE_ROW; count++)
        for (int column = 0; column < COLUMNS; column++) {
            const unsigned char *text = sqlite3_column_text(rows, column);
            bytes += text ? sqlite3_column_bytes(rows, column) : 0;
        }
    must(step, SQLITE_DONE, database);
    printf("{\"rows\":%lld,\"bytes\":%lld,\"seconds\":%.6f}\n", count, bytes, now() - began);
    sqlite3_finalize(rows);
    sqlite3_close(database);
    return 0;
}
