/* When a key was last used, to the hour: who writes notes it along, who only reads leaves it to a job of its own. */
#ifndef GX_API_KEY_USE_H
#define GX_API_KEY_USE_H

#include "api/live_call.h"

/* After a call that only read, and went well. What cannot be noted now is noted by a later call; in a full store one
 * tries every ten seconds. */
void gx_key_use_note(const gx_live_call *live);

#endif
