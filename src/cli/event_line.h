/* One event as one line for a person. */
#ifndef GX_CLI_EVENT_LINE_H
#define GX_CLI_EVENT_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "grantex/events.h"

void cli_put_event_header(FILE *out, bool color);

/* `day` has room for 11 bytes and keeps the date of the line before: a new date gets a line of its own. Cut at
 * `columns`; 0: not at all. */
void cli_put_event_line(FILE *out, bool color, int columns, const grantex_event *event, char *day);

#endif
