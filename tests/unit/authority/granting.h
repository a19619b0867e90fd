/* Grants for tests of the rules: a house whose authority can sign, codes that a principal has approved, grants made
 * from them. */
#ifndef GX_TESTS_AUTHORITY_GRANTING_H
#define GX_TESTS_AUTHORITY_GRANTING_H

#include "authority/support.h"
#include "authority/token.h"

#define HOUR_MS INT64_C(3600000)

/* cmocka group fixtures: one RSA key for the whole program, since making one takes long. */
int granting_group_setup(void **state);
int granting_group_teardown(void **state);

/* A fixture: house_setup, with that key in its authority. */
int granting_setup(void **state);

/* What a request for a grant may say besides. */
typedef struct code_wish {
    const char *status;    /* NULL: "approved" */
    const char *challenge; /* NULL: no PKCE */
    const char *audience;  /* NULL: none */
    const char *scopes;    /* NULL: ["calendar:read","email:send"] */
    int64_t life_ms;       /* 0: one hour */
} code_wish;

/* A code of the agent's. */
const char *granting_code(house *the_house, const char *developer_id, const char *agent_id, code_wish wish);

/* Both steps of an exchange, or of a refresh, each in a transaction of its own. False: see *problem (NULL: the test
 * fails). */
bool granting_exchange(house *the_house, const char *developer_id, const gx_token_exchange_request *in,
                       gx_token_draft *out, gx_problem *problem);
bool granting_refresh(house *the_house, const char *developer_id, const gx_token_refresh_request *in,
                      gx_token_draft *out, gx_problem *problem);

/* A new grant of the agent's, through a code of its own. */
gx_token_draft granting_grant(house *the_house, const char *developer_id, const char *agent_id);

/* A grant delegated from another, put into the store as it is. */
const char *granting_delegate(house *the_house, const gx_grant_row *parent, const char *agent_id, gx_grant_row *out);

/* How many rows a query counts. */
int64_t granting_count(house *the_house, const char *sql);

/* Asserts that the event at `index` is of this type and its payload begins so. */
void assert_event(house *the_house, size_t index, const char *type, const char *data_begins);

#endif
