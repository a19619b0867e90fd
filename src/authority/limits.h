/* How large what authority is asked for may be, stated once: the edge checks it, and what is made of it has room for
 * it.
 */
#ifndef GX_AUTHORITY_LIMITS_H
#define GX_AUTHORITY_LIMITS_H

enum {
    GX_MOST_SCOPES = 100,
    GX_MOST_SCOPE_LENGTH = 256, /* characters */

    /* A JSON array of them: no character takes more than six bytes ("\u0001"), each scope has two quotes and a comma.
     */
    GX_MOST_SCOPES_BYTES = GX_MOST_SCOPES * (GX_MOST_SCOPE_LENGTH * 6 + 3) + 2,

    /* A JSON object about a grant (an event's payload, a token's claims): its scopes, and ids, texts and a URL of a few
     * thousand characters at most. */
    GX_MOST_GRANT_JSON_BYTES = GX_MOST_SCOPES_BYTES + 64 * 1024,
};

#endif
