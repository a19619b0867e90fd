#include "daemon/run.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/command.h"
#include "daemon/node.h"
#include "daemon/notify.h"
#include "wire/json_writer.h"

enum { KEPT_FREE_BYTES = 4 << 20 };

static bool print_ready(const gx_node *node, const gx_data_folder *folder, const char *api_key)
{
    gx_buffer line = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&line);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "url", gx_node_url(node));
    if (api_key != NULL)
        gx_json_text(&json, "apiKey", api_key);
    gx_json_int(&json, "pid", getpid());
    if (folder->path[0] != '\0')
        gx_json_text(&json, "data", folder->path);
    gx_json_close_object(&json);
    bool printed = gx_buffer_text(&line) != NULL && puts(line.data) >= 0 && fflush(stdout) == 0;
    gx_buffer_free(&line);
    return printed;
}

/* By default glibc gives free memory back so eagerly that each savepoint costs a madvise(), which interrupts the other
 * cores, and takes each page of a replay from the kernel anew, which was a third of a replay's time. */
static void keep_free_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_TRIM_THRESHOLD, KEPT_FREE_BYTES);
    mallopt(M_MMAP_THRESHOLD, KEPT_FREE_BYTES);
#endif
}

/* Blocks the signals that are waited for (before any thread starts, so that all inherit it). */
static void hold_signals(sigset_t *awaited)
{
    sigemptyset(awaited);
    sigaddset(awaited, SIGTERM);
    sigaddset(awaited, SIGINT);
    sigaddset(awaited, SIGHUP);
    pthread_sigmask(SIG_BLOCK, awaited, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Every stream is a descriptor, and the usual soft limit of 1024 is below what one developer may open. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Whoever waits for it (systemctl start, reload) would wait for ever without a word of why. */
static void tell(const char *state, const gx_logger *logger)
{
    if (!gx_notify(getenv("NOTIFY_SOCKET"), state))
        gx_log(logger, GX_LEVEL_WARN, "NOTIFY_SOCKET cannot be told %s: %s", state, strerror(errno));
}

static void reload(gx_node *node, const gx_logger *logger)
{
    gx_error error;
    tell("RELOADING=1", logger);
    if (gx_node_reload(node, &error))
        gx_log(logger, GX_LEVEL_INFO, "SIGHUP: the certificate has been read anew");
    else
        gx_log(logger, GX_LEVEL_ERROR, "SIGHUP: the certificate in use stays: %s", error.message);
    tell("READY=1", logger);
}

static int wait_for_the_end(gx_node *node, const sigset_t *awaited, const gx_logger *logger)
{
    int taken;
    while (sigwait(awaited, &taken) == 0 && taken == SIGHUP)
        reload(node, logger);
    return taken;
}

int gx_run(const gx_options *options, const gx_data_folder *folder, const char *api_key)
{
    gx_logger logger = {.fd = STDERR_FILENO, .least = options->log_level};
    gx_error error;
    sigset_t awaited;
    hold_signals(&awaited);
    raise_descriptor_limit();
    keep_free_memory();
    gx_node *node = gx_node_start(options, folder, &logger, &error);
    if (node == NULL) {
        fprintf(stderr, "grantexd: %s\n", error.message);
        return GX_EXIT_FAILED;
    }
    gx_log(&logger, GX_LEVEL_INFO, "listening on %s, data in %s", gx_node_url(node),
           folder->path[0] != '\0' ? folder->path : "PostgreSQL");
    int taken = 0;
    if (print_ready(node, folder, api_key)) {
        tell("READY=1", &logger);
        taken = wait_for_the_end(node, &awaited, &logger);
    }
    tell("STOPPING=1", &logger);
    if (taken != 0)
        gx_log(&logger, GX_LEVEL_INFO, "signal %d: draining", taken);
    else
        gx_log(&logger, GX_LEVEL_ERROR, "the ready line cannot be written to stdout");
    pthread_sigmask(SIG_UNBLOCK, &awaited, NULL); /* who asks again wants it now, and nothing is lost by that */
    gx_node_stop(node, options->drain_ms);
    return taken != 0 ? GX_EXIT_OK : GX_EXIT_FAILED;
}
