#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int gx_error_set(gx_error *error, const char *format, ...)
{
    if (!error)
        return -1;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return -1;
}
