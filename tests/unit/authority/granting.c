#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "authority/granting.h"

#include <stdio.h>
#include <string.h>

#include "authority/secret.h"
#include "authority/signing_key.h"
#include "base/ulid.h"
#include "store/auth_requests.h"
#include "store/schema.h"

static gx_signing_key *the_key;

int granting_group_setup(void **state)
{
    (void)state;
    gx_error error;
    gx_database *database = gx_sqlite_open(":memory:", false, &error);
    assert_non_null(database);
    assert_int_equal(gx_schema_migrate(database, &error), 0);
    the_key = gx_signing_key_load_or_create(database, 1, &error);
    gx_database_close(database);
    return the_key == NULL ? -1 : 0;
}

int granting_group_teardown(void **state)
{
    (void)state;
    gx_signing_key_free(the_key);
    return 0;
}

int granting_setup(void **state)
{
    int result = house_setup(state);
    if (result == 0)
        house_authority(*state)->signing_key = the_key;
    return result;
}

const char *granting_code(house *h, const char *developer_id, const char *agent_id, code_wish wish)
{
    char id[GX_ID_SIZE], hash[GX_SECRET_HASH_SIZE];
    gx_act *act = house_begin(h, developer_id, true);
    int64_t life_ms = wish.life_ms == 0 ? HOUR_MS : wish.life_ms;
    const char *code = NULL;
    assert_true(gx_id_new(id, "", act->txn->now_ms));
    code = gx_arena_text(act->arena, id);
    assert_true(gx_secret_hash(hash, gx_span_of(code)));
    assert_true(gx_id_new(id, "areq_", act->txn->now_ms));
    const gx_auth_request_row row = {
        .id = id,
        .developer_id = developer_id,
        .agent_id = agent_id,
        .principal_id = "user_1",
        .scopes = wish.scopes == NULL ? "[\"calendar:read\",\"email:send\"]" : wish.scopes,
        .audience = wish.audience,
        .code_challenge = wish.challenge,
        .grant_life_ms = life_ms,
        .status = wish.status == NULL ? "approved" : wish.status,
        .code_hash = hash,
        .created_at = act->txn->now_ms,
        .expires_at = act->txn->now_ms + life_ms,
    };
    assert_true(house_done(h, gx_auth_requests_insert(act->txn->database, &row)));
    return code;
}

/* Ends the act and hands its problem on. */
static bool end(house *h, gx_act *act, bool kept, gx_problem *problem)
{
    gx_problem said = *act->problem;
    house_done(h, kept);
    if (problem != NULL)
        *problem = said;
    else if (said.status != 0)
        fail_msg("refused: %d %s", said.status, said.message);
    return kept && said.status == 0;
}

bool granting_exchange(house *h, const char *developer_id, const gx_token_exchange_request *in, gx_token_draft *out,
                       gx_problem *problem)
{
    gx_act *act = house_begin(h, developer_id, true);
    if (!end(h, act, gx_token_prepare_exchange(act, in, out), problem))
        return false;
    act = house_begin(h, developer_id, true);
    return end(h, act, gx_token_exchange(act, in, out), problem);
}

bool granting_refresh(house *h, const char *developer_id, const gx_token_refresh_request *in, gx_token_draft *out,
                      gx_problem *problem)
{
    gx_act *act = house_begin(h, developer_id, true);
    if (!end(h, act, gx_token_prepare_refresh(act, in, out), problem))
        return false;
    act = house_begin(h, developer_id, true);
    return end(h, act, gx_token_refresh(act, in, out), problem);
}

gx_token_draft granting_grant(house *h, const char *developer_id, const char *agent_id)
{
    gx_token_draft draft = {0};
    const gx_token_exchange_request in = {
        .code = granting_code(h, developer_id, agent_id, (code_wish){0}),
        .agent_id = agent_id,
    };
    assert_true(granting_exchange(h, developer_id, &in, &draft, NULL));
    return draft;
}

const char *granting_delegate(house *h, const gx_grant_row *parent, const char *agent_id, gx_grant_row *out)
{
    char id[GX_ID_SIZE];
    gx_act *act = house_begin(h, parent->developer_id, true);
    assert_true(gx_id_new(id, "grnt_", act->txn->now_ms));
    *out = *parent;
    out->id = gx_arena_text(act->arena, id);
    out->agent_id = agent_id;
    out->issued_at = act->txn->now_ms;
    out->parent_id = parent->id;
    out->depth = parent->depth + 1;
    assert_true(house_done(h, gx_grants_insert(act->txn->database, out)));
    return out->id;
}

int64_t granting_count(house *h, const char *sql)
{
    gx_statement *statement = gx_query(house_look(h), sql);
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    int64_t count = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return count;
}

void assert_event(house *h, size_t index, const char *type, const char *data_begins)
{
    const house_event *event = house_event_at(h, index);
    assert_string_equal(event->type, type);
    if (strncmp(event->data, data_begins, strlen(data_begins)) != 0)
        fail_msg("event %zu is %s, not %s…", index, event->data, data_begins);
}
