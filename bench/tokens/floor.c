/* What the cores do in bare RSA-2048 signatures: one thread per core, one key, digests of 32 bytes.
 *
 *   bench-token-floor SECONDS   → {"cores":N,"per_second":N} */
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CORES = 256, DIGEST_BYTES = 32, SIGNATURE_BYTES = 256 };

static EVP_PKEY *key;
static atomic_bool over;
static atomic_size_t signatures;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-token-floor: %s failed\n", what);
    exit(1);
}

static void *sign(void *unused)
{
    unsigned char digest[DIGEST_BYTES] = {1}, signature[SIGNATURE_BYTES];
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    must(context != NULL && EVP_PKEY_sign_init(context) == 1, "EVP_PKEY_sign_init");
    must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1, "padding");
    must(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1, "digest");
    while (!over) {
        size_t length = sizeof signature;
        must(EVP_PKEY_sign(context, signature, &length, digest, sizeof digest) == 1, "EVP_PKEY_sign");
        signatures++;
    }
    EVP_PKEY_CTX_free(context);
    return unused;
}

int main(int argc, char **argv)
{
    double seconds = argc == 2 ? atof(argv[1]) : 0;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    must(seconds > 0 && cores > 0 && cores <= MOST_CORES, "usage: bench-token-floor SECONDS; it");
    key = EVP_RSA_gen(2048);
    must(key != NULL, "EVP_RSA_gen");
    pthread_t threads[MOST_CORES];
    for (long i = 0; i < cores; i++)
        must(pthread_create(&threads[i], NULL, sign, NULL) == 0, "pthread_create");
    struct timespec nap = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&nap, NULL);
    over = true;
    for (long i = 0; i < cores; i++)
        pthread_join(threads[i], NULL);
    printf("{\"cores\":%ld,\"per_second\":%.0f}\n", cores, (double)signatures / seconds);
    EVP_PKEY_free(key);
    return 0;
}
