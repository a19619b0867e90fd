#include "cli/status_line.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/moment.h"
#include "cli/output.h"

#define REDRAW_MS     100
#define USUAL_COLUMNS 80

int cli_columns(FILE *out)
{
    struct winsize size;
    if (!isatty(fileno(out)))
        return 0;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col;
}

bool cli_can_rewrite(FILE *out)
{
    const char *term = getenv("TERM");
    return isatty(fileno(out)) && term && strcmp(term, "dumb") != 0;
}

void cli_status_clear(cli_status *status)
{
    if (!status->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    status->shown = false;
}

bool cli_status_due(const cli_status *status)
{
    return status->on && cli_uptime_ms() - status->drawn_ms >= REDRAW_MS;
}

void cli_status_draw(cli_status *status, const char *text)
{
    if (!status->on)
        return;
    bool color = cli_wants_color(stderr);
    fputs("\r\033[K", stderr);
    cli_paint(stderr, color, CLI_DIM);
    cli_put_cut(stderr, text, cli_columns(stderr) - 1); /* a full line would begin a new one */
    cli_paint(stderr, color, CLI_PLAIN);
    fflush(stderr);
    status->shown = true;
    status->drawn_ms = cli_uptime_ms();
}
