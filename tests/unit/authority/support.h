/* A small house for tests of the rules: a real store in a place of its own, its lanes, and acts in them. A test begins
 * an act, calls rules, and ends it; begin and end are one job in the write lane, with its transaction and its commit.
 */
#ifndef GX_TESTS_AUTHORITY_SUPPORT_H
#define GX_TESTS_AUTHORITY_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/act.h"
#include "authority/developer.h"
#include "store/lane.h"

typedef struct house house;

/* An event that was committed, copied. */
typedef struct house_event {
    char developer_id[64];
    const char *type; /* "grant.created" */
    int64_t seq;
    char data[1024];
} house_event;

/* cmocka fixtures; *state is the house. */
int house_setup(void **state);
int house_teardown(void **state);

/* The authority that acts run under; a test may change it between acts. */
gx_authority *house_authority(house *the_house);

/* Moves the clock that later acts see. */
void house_pass_time(house *the_house, int64_t ms);

/* Begins an act in a write transaction, with an empty problem. Results stay valid until teardown. `developer_id` may be
 * NULL. */
gx_act *house_begin(house *the_house, const char *developer_id, bool sandbox);

/* Ends it. `keep` false: the rule refused, everything is undone. After GX_JOB_KEPT its events are in house_events. */
gx_job_end house_end(house *the_house, bool keep);

/* house_end, by what the rule said; returns that. Fails the test when the store did not do the same. */
bool house_done(house *the_house, bool rule_said);

/* Every event committed so far, in commit order. */
size_t house_event_count(house *the_house);
const house_event *house_event_at(house *the_house, size_t index);

/* A developer who is in already. */
const char *house_add_developer(house *the_house, const char *mode);

/* An active agent of theirs. */
const char *house_add_agent(house *the_house, const char *developer_id, const char *name);

/* A second connection to the store, for a look at what is really there; closed at teardown. */
gx_database *house_look(house *the_house);

#endif
