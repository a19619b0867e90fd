#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "http/tls_session.h"

struct gx_tls {
    char *certificate_file, *key_file;
    pthread_mutex_t lock;
    SSL_CTX *context; /* under the lock; a session holds the one that it began with */
};

static int fail(gx_error *error, const char *file)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return gx_error_set(error, "%s: %s", file, reason != NULL ? reason : "cannot be used");
}

/* Nobody sits before the terminal to be asked. */
static int no_passphrase(char *text, int size, int writing, void *context)
{
    (void)text, (void)size, (void)writing, (void)context;
    return 0;
}

/* RFC 7301. Who offers nothing of ours is told so by an alert: HTTP/1.1 would be a guess. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                           unsigned int offered_length, void *context)
{
    static const unsigned char ours[] = "\x08http/1.1\x08http/1.0";
    unsigned char *found;
    (void)ssl, (void)context;
    if (SSL_select_next_proto(&found, length, ours, sizeof ours - 1, offered, offered_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

/* No early data: what it carries may be sent again by anybody who saw it. */
static bool configure(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

/* A key that cannot be read, or one that is another certificate's: only together are those wrong. */
static void fail_key(const gx_tls *tls, gx_error *error)
{
    unsigned long why = ERR_peek_last_error();
    bool readable = ERR_GET_LIB(why) == ERR_LIB_X509 || ERR_GET_REASON(why) == SSL_R_NO_CERTIFICATE_ASSIGNED;
    if (!readable) {
        fail(error, tls->key_file);
        return;
    }
    ERR_clear_error();
    gx_error_set(error, "%s is not the key of %s", tls->key_file, tls->certificate_file);
}

static SSL_CTX *read_files(const gx_tls *tls, gx_error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    ERR_clear_error();
    if (context == NULL || !configure(context))
        fail(error, "TLS");
    else if (SSL_CTX_use_certificate_chain_file(context, tls->certificate_file) != 1)
        fail(error, tls->certificate_file);
    else if (SSL_CTX_use_PrivateKey_file(context, tls->key_file, SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(context) != 1)
        fail_key(tls, error);
    else
        return context;
    SSL_CTX_free(context);
    return NULL;
}

gx_tls *gx_tls_open(const char *certificate_file, const char *key_file, gx_error *error)
{
    gx_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&tls->lock, NULL);
    tls->certificate_file = strdup(certificate_file);
    tls->key_file = strdup(key_file);
    if (tls->certificate_file == NULL || tls->key_file == NULL)
        gx_error_set(error, "out of memory");
    else
        tls->context = read_files(tls, error);
    if (tls->context != NULL)
        return tls;
    gx_tls_free(tls);
    return NULL;
}

bool gx_tls_reload(gx_tls *tls, gx_error *error)
{
    SSL_CTX *fresh = read_files(tls, error);
    if (fresh == NULL)
        return false;
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *before = tls->context;
    tls->context = fresh;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(before);
    return true;
}

SSL *gx_tls_new_ssl(gx_tls *tls)
{
    pthread_mutex_lock(&tls->lock);
    SSL *ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    return ssl;
}

void gx_tls_free(gx_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    pthread_mutex_destroy(&tls->lock);
    free(tls->certificate_file);
    free(tls->key_file);
    free(tls);
}
