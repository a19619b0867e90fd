/* The last line of a terminal, which says how things stand: on stderr, rewritten in place, gone before anything else is
 * written. */
#ifndef GX_CLI_STATUS_LINE_H
#define GX_CLI_STATUS_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct cli_status {
    bool on, shown;
    int64_t drawn_ms; /* by cli_uptime_ms */
} cli_status;

/* Columns of the terminal behind a stream; 0: it is none. Asked anew each time, so that a new size counts at once. */
int cli_columns(FILE *out);

/* Whether it may be rewritten: a terminal that can. */
bool cli_can_rewrite(FILE *out);

void cli_status_clear(cli_status *status);
bool cli_status_due(const cli_status *status);              /* it was not drawn just now */
void cli_status_draw(cli_status *status, const char *text); /* cut to the width */

#endif
