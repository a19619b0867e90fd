/* kill -9: what was acknowledged is there, and nothing is half there. */
#include "store/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILLS = 10, IN_FLIGHT = 48, LEAST_ACKNOWLEDGED = 200 };

/* One debit-like job: a ledger row and its event, which carries the same number. */
typedef struct debit {
    gx_job job;
    struct child *child;
    int64_t number;
} debit;

typedef struct child {
    gx_lanes *lanes;
    int acknowledge; /* the pipe's end: a kept job's number is written here */
    int64_t next;    /* lane thread only */
    int life;
    debit debits[IN_FLIGHT];
} child;

static bool run_debit(gx_job *job, gx_txn *txn)
{
    debit *self = (debit *)job;
    char data[64], budget[32];
    self->number = self->child->next++;
    int length =
        snprintf(data, sizeof data, "{\"life\":%d,\"number\":%lld}", self->child->life, (long long)self->number);
    snprintf(budget, sizeof budget, "life %d", self->child->life);
    gx_statement *ledger = gx_query(txn->database, "INSERT INTO budget_transactions (budget_id, number, id, amount, "
                                                   "metadata, created_at) VALUES ($1, $2, $3, 1, '{}', $4)");
    gx_bind_text(ledger, 1, budget);
    gx_bind_int(ledger, 2, self->number);
    gx_bind_span(ledger, 3, (gx_span){data, (size_t)length});
    gx_bind_int(ledger, 4, txn->now_ms);
    bool kept =
        gx_statement_run(ledger) && gx_log_append(txn, ADA, GX_EVENT_BUDGET_THRESHOLD, (gx_span){data, (size_t)length});
    return kept && self->number % 7 != 0; /* some are refused after they did everything */
}

static void finish_debit(gx_job *job, gx_job_end end)
{
    debit *self = (debit *)job;
    if (end == GX_JOB_KEPT && write(self->child->acknowledge, &self->number, sizeof self->number) < 0)
        _exit(1);
    if (!gx_lanes_write(self->child->lanes, job))
        _exit(1);
}

/* The child: keeps the lane busy until it is killed. */
static void live(const store_fixture *f, int life, int acknowledge)
{
    static child self;
    gx_error error;
    self = (child){.acknowledge = acknowledge, .life = life};
    self.lanes = gx_lanes_start(&(gx_lanes_options){.location = f->location}, &error);
    if (self.lanes == NULL)
        _exit(1);
    for (int i = 0; i < IN_FLIGHT; i++) {
        self.debits[i] = (debit){.job = {.run = run_debit, .finish = finish_debit}, .child = &self};
        gx_lanes_write(self.lanes, &self.debits[i].job);
    }
    for (;;)
        pause();
}

/* Starts a child, kills it while it works, and returns what it had acknowledged; *count numbers, to be freed. */
static int64_t *live_and_die(const store_fixture *f, int life, size_t *count)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        live(f, life, ends[1]);
    }
    close(ends[1]);
    size_t room = 1 << 20, bytes = 0;
    int64_t *numbers = malloc(room);
    assert_non_null(numbers);
    bool killed = false;
    for (;;) { /* up to the pipe's end: what was written before the kill counts */
        ssize_t got = read(ends[0], (char *)numbers + bytes, room - bytes);
        assert_true(got >= 0);
        if (got == 0)
            break;
        bytes += (size_t)got;
        if (!killed && bytes >= (LEAST_ACKNOWLEDGED + (size_t)life * 37) * sizeof *numbers)
            killed = kill(pid, SIGKILL) == 0;
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(killed && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(ends[0]);
    *count = bytes / sizeof *numbers;
    return numbers;
}

static void assert_is_there(gx_database *database, int life, int64_t number)
{
    char budget[32];
    snprintf(budget, sizeof budget, "life %d", life);
    gx_statement *ledger = gx_query(database, "SELECT 1 FROM budget_transactions WHERE budget_id = $1 AND number = $2");
    gx_bind_text(ledger, 1, budget);
    gx_bind_int(ledger, 2, number);
    if (gx_statement_step(ledger) != GX_STEP_ROW)
        fail_msg("job %lld of life %d was acknowledged and is gone", (long long)number, life);
    gx_statement_reset(ledger);
}

static void what_was_acknowledged_outlives_kill_9_with_its_event(void **state)
{
    store_fixture *f = *state;
    for (int life = 0; life < KILLS; life++) {
        size_t count;
        int64_t *acknowledged = live_and_die(f, life, &count);
        gx_database *database = open_or_fail(f->location, false);
        for (size_t i = 0; i < count; i++)
            assert_is_there(database, life, acknowledged[i]);
        free(acknowledged);
        assert_log_whole(database, ADA);
        /* Each change has its event and each event its change. */
        int64_t events = number_from(database, "SELECT COUNT(*) FROM events");
        assert_true(events >= (int64_t)count);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM budget_transactions"), events);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM budget_transactions t JOIN events e "
                                               "ON e.data = t.id"),
                         events);
        assert_int_equal(number_from(database, "SELECT COUNT(*) FROM budget_transactions WHERE number % 7 = 0"), 0);
        gx_database_close(database);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_acknowledged_outlives_kill_9_with_its_event, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
