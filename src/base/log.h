/* The server's log: one line of key=value text per record on a file descriptor. Passed around, never global; the client
 * library does not log at all. Never hand it a secret. */
#ifndef GX_BASE_LOG_H
#define GX_BASE_LOG_H

typedef enum gx_log_level { GX_LEVEL_DEBUG, GX_LEVEL_INFO, GX_LEVEL_WARN, GX_LEVEL_ERROR } gx_log_level;

typedef struct gx_logger {
    int fd;
    gx_log_level least; /* records below it are dropped */
} gx_logger;

/* "2026-11-23T18:00:00.123Z level=info message="…"\n" in one write(2), so that lines of threads never mix. NULL logger:
 * no-op. Control characters in the message are escaped. */
void gx_log(const gx_logger *logger, gx_log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
