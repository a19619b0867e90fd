/* Signals over a descriptor, beside whatever else is waited for: there is no handler and no global. */
#ifndef GX_CLI_WAIT_H
#define GX_CLI_WAIT_H

#include <stdbool.h>

typedef struct cli_signals {
    int fd;
    int caught;   /* the one that ends the command; 0 */
    bool stopped; /* Ctrl-Z was typed, where that is taken over */
} cli_signals;

typedef enum cli_wait_end {
    CLI_WAIT_READY,   /* the descriptor is */
    CLI_WAIT_TIMEOUT, /* it is not yet */
    CLI_WAIT_ENDED,   /* a signal came (`caught`), or the reader of stdout has gone */
} cli_wait_end;

/* Takes SIGINT, SIGTERM and SIGHUP over from now on. */
void cli_signals_open(cli_signals *signals);
/* For a screen: SIGQUIT, SIGTSTP and SIGWINCH too. The last only wakes who waits. */
void cli_signals_open_screen(cli_signals *signals);
void cli_signals_take(cli_signals *signals); /* the descriptor was readable */
void cli_signals_close(cli_signals *signals);

/* Waits for `fd` (-1: for none), at most `timeout_ms` (negative: for ever). With `stdout_too` also for its reader to
 * go: on a quiet log nothing would be written that could find that out. */
cli_wait_end cli_wait(cli_signals *signals, int fd, short events, int timeout_ms, bool stdout_too);

#endif
