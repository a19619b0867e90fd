/* The Date header's value (RFC 9110 section 5.6.7), made once a second. */
#ifndef GX_HTTP_DATE_H
#define GX_HTTP_DATE_H

#include <time.h>

#define GX_HTTP_DATE_SIZE 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and a NUL */

typedef struct gx_http_date {
    time_t second; /* which `text` tells; 0: none yet */
    char text[GX_HTTP_DATE_SIZE];
} gx_http_date;

/* Lent until the next call. */
const char *gx_http_date_text(gx_http_date *date, time_t now);

#endif
