/* Reason phrases (RFC 9110 section 15). */
#ifndef GX_HTTP_STATUS_H
#define GX_HTTP_STATUS_H

/* Never NULL: a status without a phrase of its own gets that of its class. */
const char *gx_http_status_phrase(int status);

#endif
