/* Grant tokens: no bytes are taken but a token that the key signed, to the letter; and any claims that it signed are
 * given back. */
#include "authority/jwt.h"

#include <string.h>

#include "fuzz.h"
#include "store/schema.h"

/* Made once: a new RSA key costs a tenth of a second. */
static const gx_signing_key *the_key(void)
{
    static gx_signing_key *key;
    if (key != NULL)
        return key;
    gx_error error = {0};
    gx_database *database = gx_database_open("sqlite::memory:", false, &error);
    FUZZ_REQUIRE(database != NULL && gx_schema_migrate(database, &error) == 0);
    key = gx_signing_key_load_or_create(database, 1700000000000, &error);
    FUZZ_REQUIRE(key != NULL);
    gx_database_close(database);
    return key;
}

static bool is_taken(gx_arena *arena, gx_span token)
{
    json_t *claims = gx_jwt_verify(the_key(), arena, token, NULL);
    bool taken = claims != NULL;
    json_decref(claims);
    return taken;
}

/* A genuine token with one character changed, or cut, or longer. */
static void check_forged(gx_arena *arena, const uint8_t *bytes, size_t length)
{
    static char genuine[2048];
    if (genuine[0] == '\0') {
        const char *token = gx_jwt_sign(the_key(), arena, GX_SPAN("{\"sub\":\"user_1\",\"exp\":1}"));
        FUZZ_REQUIRE(token != NULL && strlen(token) < sizeof genuine);
        memcpy(genuine, token, strlen(token) + 1);
    }
    char forged[sizeof genuine + 1];
    size_t whole = strlen(genuine), at = ((size_t)bytes[1] << 8 | bytes[2]) % whole;
    memcpy(forged, genuine, whole + 1);
    FUZZ_REQUIRE(is_taken(arena, (gx_span){forged, whole}));
    forged[at] = (char)bytes[3];
    forged[whole] = length > 4 ? (char)bytes[4] : 'A';
    if (forged[at] != genuine[at])
        FUZZ_REQUIRE(!is_taken(arena, (gx_span){forged, whole}));
    forged[at] = genuine[at];
    FUZZ_REQUIRE(!is_taken(arena, (gx_span){forged, whole + 1}));
    FUZZ_REQUIRE(!is_taken(arena, (gx_span){forged, at}));
}

/* The key's own header before any payload and signature. */
static void check_payload(gx_arena *arena, gx_span claims)
{
    const char *token = gx_jwt_sign(the_key(), arena, claims);
    if (token == NULL)
        return;
    json_t *expected = json_loadb(claims.ptr, claims.len, JSON_REJECT_DUPLICATES, NULL);
    const char *text = NULL;
    json_t *found = gx_jwt_verify(the_key(), arena, gx_span_of(token), &text);
    FUZZ_REQUIRE((found != NULL) == json_is_object(expected));
    FUZZ_REQUIRE(found == NULL || (json_equal(found, expected) && memcmp(text, claims.ptr, claims.len) == 0));
    json_decref(found);
    json_decref(expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    gx_arena arena = GX_ARENA_INIT(1 << 20);
    gx_span rest = fuzz_after_first(bytes, length);
    switch (length > 0 ? bytes[0] % 8 : 0) {
    case 1: /* a signature is a quarter of a millisecond: not every time */
        check_payload(&arena, rest);
        break;
    case 2:
        if (length >= 4)
            check_forged(&arena, bytes, length);
        break;
    default:
        FUZZ_REQUIRE(!is_taken(&arena, rest));
    }
    gx_arena_free(&arena);
    return 0;
}
