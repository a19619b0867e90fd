/* HTTP as it arrives: several requests at once, each with its head, its bytes and the moments at which they came. It
 * heals nothing, follows nothing and decodes nothing: `doctor` measures with it, `conform` looks with it. */
#ifndef GX_CLI_PROBE_H
#define GX_CLI_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_PROBE_MOST_HEADERS 6
#define CLI_PROBE_MOST_PIECES  4096
#define CLI_PROBE_MOST_BODY    (1024 * 1024)
#define CLI_PROBE_MOST_HEAD    (32 * 1024)

typedef struct cli_probe cli_probe;

typedef struct cli_probe_request {
    const char *url;
    const char *api_key;                         /* NULL: no Authorization */
    const char *ca_file;                         /* NULL: the system's certificates */
    const char *headers[CLI_PROBE_MOST_HEADERS]; /* "Name: value" */
    bool http1;                                  /* not HTTP/2, also where the server could */
} cli_probe_request;

/* Bytes that came together: those of the body up to `end`. */
typedef struct cli_piece {
    int64_t at_us;
    size_t end;
} cli_piece;

/* Read only for all but probe_curl.c. Times are monotonic microseconds, -1: not yet. */
typedef struct cli_transfer {
    int64_t sent_us, head_us, ended_us;
    int64_t sent_wall_ms;
    int status;       /* 0: no head yet */
    int http_version; /* 10, 11, 20; 0: no head yet */
    bool new_connection, head_whole;
    bool no_memory;  /* for all of what came */
    char error[256]; /* why it ended other than cleanly; "" */
    bool certificate_refused;
    char tls[16];          /* "TLSv1.3"; "" without TLS */
    long certificate_days; /* how long it is valid yet; -1: not known */
    char *head;            /* all header lines, CR LF between them */
    size_t head_length;
    char *body;
    size_t body_length;
    cli_piece *pieces;
    size_t piece_count;
    void *handle; /* probe_curl.c's */
    struct cli_transfer *next;
} cli_transfer;

/* NULL when out of memory. */
cli_probe *cli_probe_open(void);
/* With all its transfers. False when one of them was out of memory: it did not see what there was to be seen. */
bool cli_probe_close(cli_probe *probe);

/* Sends it; lent until cli_probe_close. NULL when out of memory. */
cli_transfer *cli_probe_start(cli_probe *probe, const cli_probe_request *request);

/* Ends it from our side; what has arrived stays. */
void cli_probe_stop(cli_probe *probe, cli_transfer *transfer);

/* Until `done(context)` (NULL: never) or that moment. */
void cli_probe_run(cli_probe *probe, int64_t until_us, bool (*done)(void *context), void *context);

static inline bool cli_transfer_ended(const cli_transfer *transfer)
{
    return transfer->ended_us >= 0;
}

/* The value of a header, "" when it is not there; cut to `size`. The last of several. Returns `out`. */
const char *cli_transfer_header(const cli_transfer *transfer, const char *name, char *out, size_t size);

int64_t cli_now_us(void);
int64_t cli_wall_ms(void);

#endif
