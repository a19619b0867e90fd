/* The audit log: what agents did, as the developer's programs tell it. Each developer's entries are a chain: the hash
 * of an entry is taken over its fields and the hash before it, so nothing can be changed, taken out or put in between
 * without every later hash telling.
 *
 * hash = lower-case hex SHA-256 of the compact JSON text {"id","agentId","agentDid","grantId","principalId",
 * "developerId","action","metadata","timestamp","prevHash","status"} in that order, metadata in canonical form
 * (canonical_json.h), prevHash null in the first entry. */
#ifndef GX_AUTHORITY_AUDIT_H
#define GX_AUTHORITY_AUDIT_H

#include "authority/act.h"
#include "store/audit_entries.h"

typedef struct gx_audit_log_request {
    const char *agent_id;
    const char *agent_did;
    const char *grant_id;
    const char *principal_id;
    const char *action;
    const char *metadata; /* canonical JSON object */
    const char *status;   /* "success", "failure", "blocked" */
} gx_audit_log_request;

typedef struct gx_audit_list_request {
    const char *agent_id; /* NULL: any; so all four */
    const char *grant_id;
    const char *principal_id;
    const char *action;
    gx_paging paging;
} gx_audit_list_request;

typedef struct gx_audit_list_result {
    const gx_audit_row *first; /* oldest first */
    int64_t total;             /* of all pages */
} gx_audit_list_result;

/* Appends to the developer's chain. */
bool gx_audit_log(gx_act *act, const gx_audit_log_request *in, gx_audit_row *out);

/* 404 when the developer has no such entry. */
bool gx_audit_get(gx_act *act, const char *entry_id, gx_audit_row *out);

bool gx_audit_list_page(gx_act *act, const gx_audit_list_request *in, gx_audit_list_result *out);

/* The hash that the entry's other fields give. False when out of memory. */
#define GX_AUDIT_HASH_SIZE 65
bool gx_audit_hash(char out[static GX_AUDIT_HASH_SIZE], const gx_audit_row *entry);

#endif
