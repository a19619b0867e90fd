/* Budgets: a grant's allocation, debits from it, and the thresholds that are crossed on the way down. Amounts are
 * ten-thousandths. */
#ifndef GX_AUTHORITY_BUDGET_H
#define GX_AUTHORITY_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/act.h"
#include "store/budgets.h"

typedef struct gx_budget_allocate_request {
    const char *grant_id;
    int64_t initial; /* > 0 */
    const char *currency;
} gx_budget_allocate_request;

typedef struct gx_budget_debit_request {
    const char *grant_id;
    int64_t amount;          /* > 0 */
    const char *description; /* or NULL */
    const char *metadata;    /* JSON object */
} gx_budget_debit_request;

typedef struct gx_budget_debit_result {
    const char *transaction_id;
    int64_t remaining;
} gx_budget_debit_result;

typedef struct gx_budget_list {
    const gx_budget_row *first; /* newest first */
    int64_t total;              /* of all pages */
} gx_budget_list;

typedef struct gx_budget_transaction_list {
    const gx_budget_transaction_row *first; /* newest first */
    int64_t total;
} gx_budget_transaction_list;

/* Gives a usable grant its budget. 404, 409 GRANT_INACTIVE, 409 CONFLICT when it has one. */
bool gx_budget_allocate(gx_act *act, const gx_budget_allocate_request *in, gx_budget_row *out);

/* Takes the amount off, whole or not at all: 404, 409 GRANT_INACTIVE, 402 INSUFFICIENT_BUDGET (also without a budget).
 */
bool gx_budget_debit(gx_act *act, const gx_budget_debit_request *in, gx_budget_debit_result *out);

/* 404 when the grant has none. */
bool gx_budget_get(gx_act *act, const char *grant_id, gx_budget_row *out);

bool gx_budget_list_page(gx_act *act, gx_paging paging, gx_budget_list *out);

/* A grant without a budget, and one that is unknown, has no transactions. */
bool gx_budget_list_transactions(gx_act *act, const char *grant_id, gx_paging paging, gx_budget_transaction_list *out);

#endif
