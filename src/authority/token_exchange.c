#include <openssl/evp.h>
#include <string.h>

#include "authority/events.h"
#include "authority/grant.h"
#include "authority/id.h"
#include "authority/secret.h"
#include "authority/token.h"
#include "base/encoding.h"
#include "store/auth_requests.h"

enum { DIGEST_BYTES = 32 };

/* The request that the code was given for. A foreign code, another agent's and that of a suspended one learn no more
 * than that the code is no good. */
static bool find_request(gx_act *act, const gx_token_exchange_request *in, gx_auth_request_row *out)
{
    char hash[GX_SECRET_HASH_SIZE];
    if (!gx_secret_hash(hash, gx_span_of(in->code)))
        return gx_act_no_memory(act);
    gx_step found = gx_auth_requests_find_by_code(act->txn->database, act->arena, act->developer_id, hash, out);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    bool good = found == GX_STEP_ROW && strcmp(out->agent_id, in->agent_id) == 0;
    return good || gx_act_bad_request(act, "Invalid code");
}

/* RFC 7636 section 4.6: the challenge is the base64url of the verifier's SHA-256. */
static bool check_verifier(gx_act *act, const char *challenge, const char *verifier)
{
    if (challenge == NULL)
        return true;
    if (verifier == NULL)
        return gx_act_bad_request(act,
                                  "codeVerifier: is required, the authorization was asked for with a codeChallenge");
    uint8_t digest[DIGEST_BYTES];
    char answer[GX_BASE64URL_LENGTH(DIGEST_BYTES) + 1];
    if (EVP_Digest(verifier, strlen(verifier), digest, NULL, EVP_sha256(), NULL) != 1)
        return gx_act_no_memory(act);
    gx_base64url_write(answer, digest, sizeof digest);
    return gx_secret_equal(gx_span_of(answer), gx_span_of(challenge)) ||
           gx_act_bad_request(act, "codeVerifier: does not fit the codeChallenge");
}

static bool check(gx_act *act, const gx_token_exchange_request *in, gx_auth_request_row *request)
{
    if (!find_request(act, in, request))
        return false;
    if (strcmp(request->status, "approved") != 0)
        return gx_act_bad_request(act, "Auth request not approved"); /* a code that was used already gets this too */
    if (request->expires_at <= act->txn->now_ms)
        return gx_act_bad_request(act, "Auth request expired");
    return check_verifier(act, request->code_challenge, in->code_verifier);
}

bool gx_token_prepare_exchange(gx_act *act, const gx_token_exchange_request *in, gx_token_draft *out)
{
    gx_auth_request_row request;
    if (!check(act, in, &request))
        return false;
    const gx_grant_row grant = {
        .id = gx_id_for(act, "grnt_"),
        .developer_id = request.developer_id,
        .agent_id = request.agent_id,
        .principal_id = request.principal_id,
        .scopes = request.scopes,
        .audience = request.audience,
        .status = "active",
        .issued_at = act->txn->now_ms,
        .expires_at = act->txn->now_ms + request.grant_life_ms,
    };
    gx_token_draft draft;
    if (grant.id == NULL || !gx_token_draft_sign(act, &grant, NULL, &draft))
        return false;
    draft.request_id = request.id;
    *out = draft;
    return true;
}

/* What prepare found may have changed; whether it has, one statement says. Only where it has is it asked again what it
 * was. Of two exchanges of one code the second finds the request consumed. */
static bool consume(gx_act *act, const gx_token_exchange_request *in, const gx_token_draft *draft)
{
    gx_step consumed =
        gx_auth_requests_consume(act->txn->database, act->developer_id, draft->request_id, act->txn->now_ms);
    if (consumed == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (consumed == GX_STEP_ROW)
        return true;
    gx_auth_request_row request;
    return check(act, in, &request) && gx_act_bad_request(act, "Auth request not approved");
}

bool gx_token_exchange(gx_act *act, const gx_token_exchange_request *in, const gx_token_draft *draft)
{
    if (!gx_grant_fits_plan(act) || !consume(act, in, draft))
        return false;
    if (!gx_grants_insert(act->txn->database, &draft->grant))
        return gx_act_store_failed(act);
    return gx_append_grant_created(act, &draft->grant) && gx_token_draft_keep(act, draft, "exchange");
}
