/* `grantex doctor`: what is measured of a server and the way to it, what that means, and what cures it. Measuring
 * (doctor_measure.c) is I/O and judges nothing; judging (doctor_judge.c) is a function of what was measured. */
#ifndef GX_CLI_DOCTOR_H
#define GX_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* --- what is asked ------------------------------------------------------------------------------------------------ */

typedef struct doctor_plan {
    const char *url; /* without a slash at its end */
    const char *key;
    const char *ca_file; /* NULL: the system's */
    int64_t idle_s;      /* how long a silent stream is watched; 0: not at all */
    int64_t streams;     /* how many are held open at once */
} doctor_plan;

/* --- what was measured; -1: not ----------------------------------------------------------------------------------- */

typedef struct doctor_facts {
    bool https, loopback;
    bool no_memory; /* for one of the answers: then nothing is judged */

    /* an ordinary request, and the same once more */
    int status; /* 0: no answer */
    char error[256];
    bool certificate_refused;
    int http_version;
    char tls[16];
    long certificate_days;
    char server[64];    /* the header of that name */
    char location[512]; /* where a redirect leads */
    char code[64];      /* of the error, where it is one of Grantex's; "" */
    bool key_lost;      /* no Authorization header has arrived */
    bool kept_alive;
    long long skew_ms, skew_error_ms; /* the server's clock against ours */

    /* a stream that writes every DOCTOR_EVERY_MS */
    int stream_status;
    char stream_code[64];
    char content_type[128], cache_control[128], encoding[32];
    bool probed;                                  /* the server knows ?probe, and a frame of it has come */
    bool later_frames;                            /* more than the first one */
    long long first_byte_ms, window_ms, delay_ms; /* delay_ms: of the 95th of a hundred frames, over the quickest */
    char upstream_http[8], upstream_connection[64];
    long long heartbeat_ms;

    /* others */
    char squeezed[32]; /* Content-Encoding of a stream whose client takes gzip; "" */
    int cursor_status; /* of a stream that is asked to resume behind no event: 400 when the server has read that */
    int websocket_status;
    int streams_wanted, streams_open, refused_status;
    char refused_code[64];
    bool idle_cut; /* it ended before idle_wanted_ms */
    long long idle_wanted_ms, idle_ms;
} doctor_facts;

#define DOCTOR_EVERY_MS  100
#define DOCTOR_WINDOW_MS 3000

/* False when out of memory. Takes DOCTOR_WINDOW_MS, or the time of the silent stream where that is longer; with
 * `progress` says on stderr how long that is yet. */
bool doctor_measure(const doctor_plan *plan, doctor_facts *facts, bool progress);

/* --- what that means ---------------------------------------------------------------------------------------------- */

typedef enum doctor_check {
    DOCTOR_ANSWER,
    DOCTOR_TLS,
    DOCTOR_HTTP,
    DOCTOR_KEY,
    DOCTOR_KEEP_ALIVE,
    DOCTOR_CLOCK,
    DOCTOR_STREAM,
    DOCTOR_FIRST_BYTE,
    DOCTOR_BUFFERING,
    DOCTOR_COMPRESSION,
    DOCTOR_NO_TRANSFORM,
    DOCTOR_UPSTREAM,
    DOCTOR_CURSOR,
    DOCTOR_STREAMS,
    DOCTOR_WEBSOCKET,
    DOCTOR_IDLE,
    DOCTOR_CHECKS
} doctor_check;

typedef enum doctor_result {
    DOCTOR_UNKNOWN, /* not measured */
    DOCTOR_GOOD,
    DOCTOR_ADVICE, /* it works; something else would be better */
    DOCTOR_BAD,
} doctor_result;

typedef struct doctor_finding {
    doctor_result result;
    bool by_proxy; /* a proxy may have done it, so the lines that cure it are printed */
    char text[640];
} doctor_finding;

void doctor_judge(const doctor_facts *facts, doctor_finding findings[static DOCTOR_CHECKS]);

/* "buffering" and the like; static. */
const char *doctor_check_name(doctor_check check);

/* The exit status that belongs to it. */
int doctor_exit(const doctor_facts *facts, const doctor_finding findings[static DOCTOR_CHECKS]);

/* --- what cures it ------------------------------------------------------------------------------------------------ */

typedef enum doctor_proxy { DOCTOR_NGINX, DOCTOR_HAPROXY, DOCTOR_CADDY, DOCTOR_PROXIES } doctor_proxy;

#define DOCTOR_MOST_FIXES 4

/* The lines, ended by NULL; static. "remove X": delete the line that begins so. */
const char *const *doctor_fixes(doctor_check check, doctor_proxy proxy);

const char *doctor_proxy_name(doctor_proxy proxy);

/* Which one that is, by what it calls itself in `Server`; DOCTOR_PROXIES when it does not say. */
doctor_proxy doctor_proxy_of(const char *server);

/* --- how it is said ----------------------------------------------------------------------------------------------- */

/* `proxy`: whose lines; DOCTOR_PROXIES: all of them. */
void doctor_print(FILE *out, bool color, doctor_proxy proxy, const doctor_finding findings[static DOCTOR_CHECKS]);
/* False when out of memory; nothing is printed then. */
bool doctor_print_json(FILE *out, const char *url, doctor_proxy proxy,
                       const doctor_finding findings[static DOCTOR_CHECKS]);

#endif
