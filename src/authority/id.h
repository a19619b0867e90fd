/* New ids of the API: a prefix and a ULID. */
#ifndef GX_AUTHORITY_ID_H
#define GX_AUTHORITY_ID_H

#include "authority/act.h"

/* "grnt_…" for the act's time, in its arena. NULL after refusing: no memory or no randomness. */
const char *gx_id_for(gx_act *act, const char *prefix);

#endif
