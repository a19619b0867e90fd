/* grantex/grantex.h - all of libgrantex. */
#ifndef GRANTEX_GRANTEX_H
#define GRANTEX_GRANTEX_H

#include "grantex/agents.h"
#include "grantex/budgets.h"
#include "grantex/call.h"
#include "grantex/client.h"
#include "grantex/events.h"
#include "grantex/grants.h"
#include "grantex/keys.h"
#include "grantex/memory.h"
#include "grantex/principals.h"
#include "grantex/sse.h"
#include "grantex/status.h"
#include "grantex/tokens.h"
#include "grantex/webhooks.h"

#endif
