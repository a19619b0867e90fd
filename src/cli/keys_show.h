/* What `keys create` and `keys rotate` print of a key that was made. */
#ifndef GX_CLI_KEYS_SHOW_H
#define GX_CLI_KEYS_SHOW_H

#include "cli/cli.h"

/* One field a line on stdout, the key itself last. */
void cli_put_key(const grantex_key *key, grantex_text api_key);

/* Says on stderr that this was the only time, whatever stdout is. */
void cli_tell_once(void);

#endif
