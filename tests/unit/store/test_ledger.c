/* The ledger of debits: pages of it, wherever they begin, and what a store from before step 6 keeps of its own. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "store/budgets.h"
#include "store/driver.h"
#include "store/schema.h"

GX_EMBEDDED(schema);

enum { DEBITS = 200, ID_SIZE = 32 }; /* beyond three signposts */

static void grant_of(int budget, char out[static ID_SIZE])
{
    snprintf(out, ID_SIZE, "grnt_%d", budget);
}

static void transaction_of(int budget, int64_t number, char out[static ID_SIZE])
{
    snprintf(out, ID_SIZE, "btx_%04lld_%d", (long long)number, budget);
}

static void allocate(gx_database *database, int budget)
{
    char grant[ID_SIZE], id[ID_SIZE];
    grant_of(budget, grant);
    snprintf(id, sizeof id, "bdg_%d", budget);
    const gx_budget_row row = {
        .id = id, .developer_id = ADA, .grant_id = grant, .initial = 1000000, .remaining = 1000000, .currency = "USD"};
    assert_int_equal(gx_budgets_insert(database, &row), GX_STEP_ROW);
}

/* The number-th of the budget, of as many ten-thousandths. */
static void debit(gx_database *database, int budget, int64_t number)
{
    gx_arena arena = GX_ARENA_INIT(1 << 16);
    char grant[ID_SIZE], id[ID_SIZE];
    gx_budget_row after;
    grant_of(budget, grant);
    transaction_of(budget, number, id);
    assert_int_equal(gx_budgets_debit(database, &arena, ADA, grant, id, number, 0, &after), GX_STEP_ROW);
    assert_int_equal(after.debits, number);
    const gx_budget_transaction_row row = {.id = id,
                                           .budget_id = after.id,
                                           .number = number,
                                           .previous_id = after.last_but_one,
                                           .amount = number,
                                           .metadata = "{}"};
    assert_true(gx_budget_transactions_insert(database, &row));
    gx_arena_free(&arena);
}

static void assert_page(gx_database *database, int budget, int64_t newest, int64_t most)
{
    gx_arena arena = GX_ARENA_INIT(1 << 20);
    char grant[ID_SIZE], id[ID_SIZE];
    gx_budget_row row;
    const gx_budget_transaction_row *transaction;
    grant_of(budget, grant);
    assert_int_equal(gx_budgets_find(database, &arena, ADA, grant, &row), GX_STEP_ROW);
    assert_true(gx_budget_transactions_list(database, &arena, &row, newest, most, &transaction));
    for (int64_t number = newest; number > 0 && number > newest - most; number--, transaction = transaction->next) {
        transaction_of(budget, number, id);
        assert_non_null(transaction);
        assert_string_equal(transaction->id, id);
        assert_string_equal(transaction->budget_id, row.id);
        assert_int_equal(transaction->number, number);
        assert_int_equal(transaction->amount, number);
    }
    assert_null(transaction);
    gx_arena_free(&arena);
}

static void assert_every_page(gx_database *database, int budget)
{
    static const int64_t sizes[] = {1, 7, 64, DEBITS};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int64_t newest = -70; newest <= DEBITS; newest++)
            assert_page(database, budget, newest, sizes[i]);
}

static void a_page_holds_the_debits_of_its_budget_wherever_it_begins(void **state)
{
    store_fixture *f = *state;
    gx_database *database = open_or_fail(f->location, false);
    assert_true(gx_database_begin(database, true));
    allocate(database, 1);
    allocate(database, 2);
    assert_page(database, 1, 0, 50); /* of a budget without debits */
    for (int64_t number = 1; number <= DEBITS; number++) {
        debit(database, 1, number);
        debit(database, 2, number);
    }
    assert_every_page(database, 1);
    assert_every_page(database, 2);
    assert_true(gx_database_commit(database));
    gx_database_close(database);
}

/* --- a store from before --- */

static void take_steps_before_six(gx_database *database)
{
    assert_true(gx_statement_run(gx_query(database, "CREATE TABLE schema_steps (step BIGINT PRIMARY KEY, name TEXT NOT "
                                                    "NULL, applied_at BIGINT NOT NULL)")));
    assert_true(gx_statement_run(gx_query(database, "INSERT INTO schema_steps VALUES (5, 'before', 0)")));
    for (const gx_embedded_file *step = gx_embedded_schema; strcmp(step->name, "0006") < 0; step++)
        assert_true(database->driver->script(database, step->bytes));
}

static void allocate_as_before(gx_database *database, int budget, int64_t debits)
{
    gx_statement *statement =
        gx_query(database, "INSERT INTO budgets (id, developer_id, grant_id, initial, remaining, currency, debits, "
                           "created_at, updated_at) VALUES ($1, '" ADA "', $2, 1000000, 1000000, 'USD', $3, 0, 0)");
    char grant[ID_SIZE], id[ID_SIZE];
    grant_of(budget, grant);
    snprintf(id, sizeof id, "bdg_%d", budget);
    gx_bind_text(statement, 1, id);
    gx_bind_text(statement, 2, grant);
    gx_bind_int(statement, 3, debits);
    assert_true(gx_statement_run(statement));
}

static void debit_as_before(gx_database *database, int budget, int64_t number)
{
    gx_statement *statement = gx_query(database, "INSERT INTO budget_transactions (budget_id, number, id, amount, "
                                                 "metadata, created_at) VALUES ($1, $2, $3, $2, '{}', 0)");
    char budget_id[ID_SIZE], id[ID_SIZE];
    snprintf(budget_id, sizeof budget_id, "bdg_%d", budget);
    transaction_of(budget, number, id);
    gx_bind_text(statement, 1, budget_id);
    gx_bind_int(statement, 2, number);
    gx_bind_text(statement, 3, id);
    assert_true(gx_statement_run(statement));
}

static void a_store_from_before_keeps_its_ledger_and_goes_on_with_it(void **state)
{
    (void)state;
    store_place place;
    gx_error error = {""};
    store_place_make(&place);
    gx_database *database = open_or_fail(place.location, false);
    take_steps_before_six(database);
    allocate_as_before(database, 1, 130);
    allocate_as_before(database, 2, 1);
    allocate_as_before(database, 3, 0);
    for (int64_t number = 1; number <= 130; number++)
        debit_as_before(database, 1, number);
    debit_as_before(database, 2, 1);
    if (gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
    for (int64_t number = 131; number <= DEBITS; number++)
        debit(database, 1, number);
    debit(database, 2, 2);
    debit(database, 3, 1);
    assert_every_page(database, 1);
    assert_page(database, 2, 2, 50);
    assert_page(database, 3, 1, 50);
    gx_database_close(database);
    store_place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_holds_the_debits_of_its_budget_wherever_it_begins, fixture_setup,
                                        fixture_teardown),
        cmocka_unit_test(a_store_from_before_keeps_its_ledger_and_goes_on_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
