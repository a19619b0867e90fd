#include "cli/screen.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/status_line.h"

#define SECOND_SCREEN "\033[?1049h"
#define FIRST_SCREEN  "\033[?1049l"
#define HIDE_CURSOR   "\033[?25l"
#define SHOW_CURSOR   "\033[?25h"

static void put(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

bool cli_screen_possible(void)
{
    return isatty(STDIN_FILENO) && cli_can_rewrite(stdout);
}

void cli_screen_enter(cli_screen *screen)
{
    struct termios raw;
    if (screen->on || tcgetattr(STDIN_FILENO, &screen->before) != 0)
        return;
    raw = screen->before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C and Ctrl-Z stay signals */
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    put(SECOND_SCREEN HIDE_CURSOR "\033[H\033[2J");
    screen->on = true;
}

void cli_screen_leave(cli_screen *screen)
{
    if (!screen->on)
        return;
    put("\033[0m" SHOW_CURSOR FIRST_SCREEN);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen->before);
    screen->on = false;
}

void cli_screen_suspend(cli_screen *screen)
{
    cli_screen_leave(screen);
    raise(SIGSTOP);
    cli_screen_enter(screen);
}

void cli_screen_size(int *columns, int *rows)
{
    struct winsize size;
    bool told = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    *columns = told ? size.ws_col : 80;
    *rows = told ? size.ws_row : 24;
}

static const struct {
    const char *bytes;
    cli_key key;
} keys[] = {
    {"q", CLI_KEY_QUIT},      {"Q", CLI_KEY_QUIT},      {"r", CLI_KEY_REFRESH}, {" ", CLI_KEY_REFRESH},
    {"k", CLI_KEY_UP},        {"\033[A", CLI_KEY_UP},   {"\033OA", CLI_KEY_UP}, {"j", CLI_KEY_DOWN},
    {"\033[B", CLI_KEY_DOWN}, {"\033OB", CLI_KEY_DOWN}, {"g", CLI_KEY_HOME},    {"p", CLI_KEY_PAUSE},
};

cli_key cli_screen_read_key(bool *gone)
{
    char typed[16];
    ssize_t length = read(STDIN_FILENO, typed, sizeof typed - 1);
    *gone = length < 0;
    if (length <= 0)
        return CLI_KEY_NONE;
    typed[length] = '\0';
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(typed, keys[i].bytes) == 0)
            return keys[i].key;
    return strchr(typed, 'q') ? CLI_KEY_QUIT : CLI_KEY_NONE; /* typed faster than read */
}

void cli_screen_show(const char *text)
{
    fputs("\033[H", stdout);
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1)
        printf("%.*s\033[K\r\n", (int)(end - text), text);
    printf("%s\033[K\033[J", text);
    fflush(stdout);
}
