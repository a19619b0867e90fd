/* A terminal taken over as a whole, as top(1) does, and given back as it was on every way out but SIGKILL: the end, a
 * signal, Ctrl-Z (and taken over again after fg). Plain ANSI escapes (ECMA-48, and xterm's for the second screen):
 * every terminal of today knows them, and curses would be needed for nothing else. */
#ifndef GX_CLI_SCREEN_H
#define GX_CLI_SCREEN_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

#include "cli/wait.h"

typedef struct cli_screen {
    bool on;
    struct termios before;
} cli_screen;

typedef enum cli_key {
    CLI_KEY_NONE,
    CLI_KEY_QUIT,    /* q */
    CLI_KEY_REFRESH, /* r, blank */
    CLI_KEY_UP,      /* k, arrow */
    CLI_KEY_DOWN,    /* j, arrow */
    CLI_KEY_HOME,    /* g */
    CLI_KEY_PAUSE,   /* p */
} cli_key;

/* Whether stdin and stdout are a terminal that can do it. */
bool cli_screen_possible(void);

void cli_screen_enter(cli_screen *screen);
void cli_screen_leave(cli_screen *screen); /* nothing when it is not on */

/* Gives the terminal back, stops the process as Ctrl-Z does, and takes it again when it goes on. */
void cli_screen_suspend(cli_screen *screen);

/* The size; a usual one when the terminal does not say. */
void cli_screen_size(int *columns, int *rows);

/* What was typed; NONE when it means nothing. *gone: there is nobody any more who could type. */
cli_key cli_screen_read_key(bool *gone);

/* Shows the text, whose lines fit the screen, in place of what is there, in one write. */
void cli_screen_show(const char *text);

#endif
