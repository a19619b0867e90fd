/* The answer to an event type that nobody knows. */
#ifndef GX_API_UNKNOWN_TYPE_H
#define GX_API_UNKNOWN_TYPE_H

#include "api/call.h"

/* 400 INVALID_EVENT_TYPE, naming the known ones. Returns false. */
bool gx_refuse_unknown_type(gx_call *call, const char *field, gx_span unknown);

#endif
