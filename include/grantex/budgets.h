/* grantex/budgets.h - budgets of grants. What all calls have in common stands in grantex/agents.h.
 *
 * Amounts are signed 64-bit counts of ten-thousandths, so that no floating point decides anything:
 * GRANTEX_MONEY(20) is 20, 5000 is 0.5. */
#ifndef GRANTEX_BUDGETS_H
#define GRANTEX_BUDGETS_H

#include <stdint.h>

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GRANTEX_MONEY_UNIT   INT64_C(10000)
#define GRANTEX_MONEY(units) ((int64_t)(units)*GRANTEX_MONEY_UNIT)
#define GRANTEX_MONEY_SIZE   24

/* Reads a decimal text such as "20" or "0.5". GRANTEX_E_INVALID when it is none, has more than four decimals or does
 * not fit; *amount is written only on success. */
GRANTEX_API grantex_status grantex_money_parse(const char *text, int64_t *amount);

/* Writes "20" or "0.5" and a NUL; `out` has GRANTEX_MONEY_SIZE bytes. Returns `out`. */
GRANTEX_API char *grantex_money_format(int64_t amount, char *out);

typedef struct grantex_budget {
    grantex_text id; /* "bdg_…" */
    grantex_text grant_id, currency, created_at, updated_at;
    int64_t initial, remaining;
    grantex_text json; /* the whole answer of the server */
} grantex_budget;

typedef struct grantex_budget_list {
    const grantex_budget *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total; /* how many there are; more than `count` when they do not fit into one answer */
} grantex_budget_list;

/* One debit of the past. */
typedef struct grantex_transaction {
    grantex_text id; /* "btx_…" */
    grantex_text grant_id, budget_id, description, created_at;
    int64_t amount;
    grantex_text json;
} grantex_transaction;

typedef struct grantex_transaction_list {
    const grantex_transaction *items; /* newest first */
    size_t count;
    grantex_text json;
    uint64_t total; /* as above */
} grantex_transaction_list;

/* How fast one budget is being used up. */
typedef struct grantex_burn {
    grantex_text budget_id; /* "bdg_…" */
    grantex_text grant_id, agent_id, agent_name, principal_id, currency;
    int64_t initial, remaining;
    int64_t used_percent;     /* 100 only when nothing is left */
    int64_t spent_per_minute; /* over the last minutes; an amount */
    int64_t empty_in_seconds; /* what is left lasts so long at that rate; -1: nothing is being spent */
    grantex_text json;
} grantex_burn;

typedef struct grantex_burn_list {
    const grantex_burn *items; /* what is empty first comes first, then what nobody uses, most used first */
    size_t count;
    grantex_text json; /* the whole answer, with the time that it is of ("asOf") */
} grantex_burn_list;

typedef struct grantex_debit {
    grantex_text transaction_id; /* "btx_…" */
    grantex_text grant_id;
    int64_t remaining; /* after the debit */
    grantex_text json;
} grantex_debit;

typedef struct grantex_budget_request {
    const char *grant_id;    /* required */
    int64_t initial;         /* required, above 0 */
    const char *currency;    /* NULL: the server's default, "USD" */
    const void *reserved[4]; /* must be zero */
} grantex_budget_request;

typedef struct grantex_debit_request {
    const char *grant_id;        /* required */
    int64_t amount;              /* required, above 0 */
    const char *description;     /* NULL: none */
    const char *metadata_json;   /* a JSON object; NULL: none */
    const char *idempotency_key; /* the caller's own, to repeat over a crash; NULL: a new one for each call */
    const void *reserved[4];     /* must be zero */
} grantex_debit_request;

/* Gives a grant its budget, once. *budget is given to the caller: grantex_budget_free. */
GRANTEX_API grantex_status grantex_budgets_allocate(grantex_client *client, const grantex_budget_request *request,
                                                    grantex_budget **budget, grantex_error *error);

/* The budget of a grant as it is now. *budget is given to the caller: grantex_budget_free. */
GRANTEX_API grantex_status grantex_budgets_balance(grantex_client *client, const char *grant_id,
                                                   grantex_budget **budget, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_budget_free(grantex_budget *budget);

/* Takes from the budget of a grant. A debit larger than what remains is refused whole: GRANTEX_E_API with
 * INSUFFICIENT_BUDGET. *debit is given to the caller: grantex_debit_free. */
GRANTEX_API grantex_status grantex_budgets_debit(grantex_client *client, const grantex_debit_request *request,
                                                 grantex_debit **debit, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_debit_free(grantex_debit *debit);

/* The budgets of all grants. *list is given to the caller: grantex_budget_list_free. */
GRANTEX_API grantex_status grantex_budgets_list(grantex_client *client, grantex_budget_list **list,
                                                grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_budget_list_free(grantex_budget_list *list);

/* What was debited from the budget of a grant. *list is given to the caller: grantex_transaction_list_free. */
GRANTEX_API grantex_status grantex_budgets_transactions(grantex_client *client, const char *grant_id,
                                                        grantex_transaction_list **list, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_transaction_list_free(grantex_transaction_list *list);

/* The budgets of active grants by the time to their end, at most `limit` of them (1 to 500; 0: the server's default,
 * 100). GRANTEX_E_API with NOT_FOUND from a server that is older than this call. *list is given to the caller:
 * grantex_burn_list_free. */
GRANTEX_API grantex_status grantex_budgets_burn(grantex_client *client, int limit, grantex_burn_list **list,
                                                grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_burn_list_free(grantex_burn_list *list);

#ifdef __cplusplus
}
#endif
#endif
