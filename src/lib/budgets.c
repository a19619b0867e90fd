#include "grantex/budgets.h"

#include <stdio.h>

#include "base/memory.h"
#include "base/money.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/request.h"
#include "lib/result.h"
#include "lib/url.h"
#include "wire/json_scan.h"

#define MOST_KEY_LENGTH 255
#define MOST_BURNS      500

_Static_assert(GRANTEX_MONEY_UNIT == GX_MONEY_UNIT && GRANTEX_MONEY_SIZE == GX_MONEY_SIZE, "one way to count money");

/* --- amounts ------------------------------------------------------------------------------------------------------ */

grantex_status grantex_money_parse(const char *text, int64_t *amount)
{
    if (!text || !amount || gx_money_read(gx_span_of(text), false, amount) != GX_MONEY_OK)
        return GRANTEX_E_INVALID;
    return GRANTEX_OK;
}

char *grantex_money_format(int64_t amount, char *out)
{
    gx_money_write_short(out, amount);
    return out;
}

/* --- allocation and balance --------------------------------------------------------------------------------------- */

static const gx_field budget_fields[] = {
    GX_TEXT(grantex_budget, id, "id"),
    GX_REQUIRED_TEXT(grantex_budget, grant_id, "grantId"),
    GX_TEXT(grantex_budget, currency, "currency"),
    GX_TEXT(grantex_budget, created_at, "createdAt"),
    GX_TEXT(grantex_budget, updated_at, "updatedAt"),
    GX_AMOUNT(grantex_budget, initial, "initialBudget"),
    GX_AMOUNT(grantex_budget, remaining, "remainingBudget"),
};

static const gx_shape budget_shape = GX_SHAPE_WITH_JSON(grantex_budget, budget_fields);

static void write_budget(gx_json *json, const void *context)
{
    const grantex_budget_request *request = context;
    gx_json_text(json, "grantId", request->grant_id);
    gx_json_money_string(json, "initialBudget", request->initial);
    gx_request_text(json, "currency", request->currency);
}

grantex_status grantex_budgets_allocate(grantex_client *client, const grantex_budget_request *request,
                                        grantex_budget **budget, grantex_error *error)
{
    if (!request || !request->grant_id || !budget || !gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "request needs a grant_id, budget must not be NULL, reserved be zero");
    gx_ask ask = {.method = "POST", .path = "/v1/budget/allocate", .write = write_budget, .context = request};
    GX_GIVE(budget, gx_ask_object(client, &ask, &budget_shape, &result, error));
}

grantex_status grantex_budgets_balance(grantex_client *client, const char *grant_id, grantex_budget **budget,
                                       grantex_error *error)
{
    if (!budget)
        return gx_fail(error, GRANTEX_E_INVALID, "budget must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/budget/balance/", .id = grant_id, .id_name = "grant_id"};
    GX_GIVE(budget, gx_ask_object(client, &ask, &budget_shape, &result, error));
}

grantex_status grantex_budgets_list(grantex_client *client, grantex_budget_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/budget/allocations"};
    GX_GIVE_LIST(list, grantex_budget_list,
                 gx_ask_list(client, &ask, "allocations", &budget_shape, sizeof **list, &result, error));
}

void grantex_budget_list_free(grantex_budget_list *list)
{
    gx_free(list);
}

void grantex_budget_free(grantex_budget *budget)
{
    gx_free(budget);
}

/* --- debit -------------------------------------------------------------------------------------------------------- */

static const gx_field debit_fields[] = {
    GX_REQUIRED_TEXT(grantex_debit, transaction_id, "transactionId"),
    GX_TEXT(grantex_debit, grant_id, "grantId"),
    GX_AMOUNT(grantex_debit, remaining, "remaining"),
};

static const gx_shape debit_shape = GX_SHAPE_WITH_JSON(grantex_debit, debit_fields);

static void write_debit(gx_json *json, const void *context)
{
    const grantex_debit_request *request = context;
    gx_json_text(json, "grantId", request->grant_id);
    gx_json_money_string(json, "amount", request->amount);
    gx_request_text(json, "description", request->description);
    if (request->metadata_json)
        gx_json_raw(json, "metadata", gx_span_of(request->metadata_json));
}

/* Raw JSON goes into the body as it is: it must be one whole object. */
static bool is_object(const char *text)
{
    gx_json_scan scan = gx_json_scan_object(gx_span_of(text));
    gx_span key, value;
    while (gx_json_scan_next(&scan, &key, &value))
        continue;
    return !scan.failed;
}

static grantex_status check_debit(const grantex_debit_request *request, grantex_error *error)
{
    if (!request || !request->grant_id || !gx_reserved_unused(request->reserved, 4))
        return gx_fail(error, GRANTEX_E_INVALID, "request needs a grant_id, reserved must be zero");
    if (request->metadata_json && !is_object(request->metadata_json))
        return gx_fail(error, GRANTEX_E_INVALID, "metadata_json must be a JSON object");
    if (request->idempotency_key && !gx_header_value_ok(gx_span_of(request->idempotency_key), MOST_KEY_LENGTH))
        return gx_fail(error, GRANTEX_E_INVALID, "idempotency_key must be 1 to %d visible ASCII characters",
                       MOST_KEY_LENGTH);
    return GRANTEX_OK;
}

grantex_status grantex_budgets_debit(grantex_client *client, const grantex_debit_request *request,
                                     grantex_debit **debit, grantex_error *error)
{
    if (!debit)
        return gx_fail(error, GRANTEX_E_INVALID, "debit must not be NULL");
    grantex_status status = check_debit(request, error);
    if (status != GRANTEX_OK)
        return status;
    gx_ask ask = {.method = "POST",
                  .path = "/v1/budget/debit",
                  .idempotency_key = request->idempotency_key,
                  .write = write_debit,
                  .context = request};
    GX_GIVE(debit, gx_ask_object(client, &ask, &debit_shape, &result, error));
}

void grantex_debit_free(grantex_debit *debit)
{
    gx_free(debit);
}

/* --- transactions ------------------------------------------------------------------------------------------------- */

static const gx_field transaction_fields[] = {
    GX_REQUIRED_TEXT(grantex_transaction, id, "id"),         GX_TEXT(grantex_transaction, grant_id, "grantId"),
    GX_TEXT(grantex_transaction, budget_id, "allocationId"), GX_TEXT(grantex_transaction, description, "description"),
    GX_TEXT(grantex_transaction, created_at, "createdAt"),   GX_AMOUNT(grantex_transaction, amount, "amount"),
};

static const gx_shape transaction_shape = GX_SHAPE_WITH_JSON(grantex_transaction, transaction_fields);

grantex_status grantex_budgets_transactions(grantex_client *client, const char *grant_id,
                                            grantex_transaction_list **list, grantex_error *error)
{
    if (!list)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL");
    gx_ask ask = {.method = "GET", .path = "/v1/budget/transactions/", .id = grant_id, .id_name = "grant_id"};
    GX_GIVE_LIST(list, grantex_transaction_list,
                 gx_ask_list(client, &ask, "transactions", &transaction_shape, sizeof **list, &result, error));
}

void grantex_transaction_list_free(grantex_transaction_list *list)
{
    gx_free(list);
}

/* --- burn --------------------------------------------------------------------------------------------------------- */

static const gx_field burn_fields[] = {
    GX_REQUIRED_TEXT(grantex_burn, grant_id, "grantId"),
    GX_TEXT(grantex_burn, budget_id, "budgetId"),
    GX_TEXT(grantex_burn, agent_id, "agentId"),
    GX_TEXT(grantex_burn, agent_name, "agentName"),
    GX_TEXT(grantex_burn, principal_id, "principalId"),
    GX_TEXT(grantex_burn, currency, "currency"),
    GX_AMOUNT(grantex_burn, initial, "initialBudget"),
    GX_AMOUNT(grantex_burn, remaining, "remainingBudget"),
    GX_INT(grantex_burn, used_percent, "usedPercent"),
    GX_AMOUNT(grantex_burn, spent_per_minute, "spentPerMinute"),
    GX_COUNT(grantex_burn, empty_in_seconds, "emptyInSeconds"),
};

static const gx_shape burn_shape = GX_SHAPE_WITH_JSON(grantex_burn, burn_fields);

grantex_status grantex_budgets_burn(grantex_client *client, int limit, grantex_burn_list **list, grantex_error *error)
{
    char path[64] = "/v1/budget/burn";
    if (!list || limit < 0 || limit > MOST_BURNS)
        return gx_fail(error, GRANTEX_E_INVALID, "list must not be NULL, limit be 0 to %d", MOST_BURNS);
    if (limit > 0)
        snprintf(path, sizeof path, "/v1/budget/burn?limit=%d", limit);
    gx_ask ask = {.method = "GET", .path = path};
    gx_result_list result;
    grantex_status status = gx_ask_list(client, &ask, "budgets", &burn_shape, sizeof **list, &result, error);
    if (status != GRANTEX_OK)
        return status;
    *list = result.block;
    **list = (grantex_burn_list){result.items, result.count, result.json};
    return GRANTEX_OK;
}

void grantex_burn_list_free(grantex_burn_list *list)
{
    gx_free(list);
}
