#include "authority/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Takes a character off the end that the cut has left without its last bytes. */
static void drop_broken_tail(char *text)
{
    size_t length = strlen(text);
    size_t lead = length;
    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    unsigned char first = (unsigned char)text[lead - 1];
    size_t needed = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length - (lead - 1) < needed)
        text[lead - 1] = '\0';
}

bool gx_refuse(gx_problem *problem, int status, const char *code, const char *format, ...)
{
    problem->status = status;
    problem->code = code;
    problem->retry_after_s = 0;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof problem->message)
        drop_broken_tail(problem->message);
    return false;
}

bool gx_refuse_no_room(gx_problem *problem)
{
    return gx_refuse(problem, 507, "INSUFFICIENT_STORAGE",
                     "The server has no room left to write this down; nothing was done");
}
