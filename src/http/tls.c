#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/tls_session.h"

struct gx_tls {
    char *certificate_file, *key_file;
    pthread_mutex_t lock;
    SSL_CTX *context; /* under the lock; a session holds the one that it began with */
};

/* What the first of OpenSSL's errors means to whoever chose the file; those behind it only say who was calling. */
static const char *reason_of(unsigned long first, const char *what, char *room, size_t size)
{
    const char *said = ERR_reason_error_string(ERR_peek_last_error());
    bool none = (ERR_GET_LIB(first) == ERR_LIB_PEM && ERR_GET_REASON(first) == PEM_R_NO_START_LINE) ||
                ERR_GET_LIB(first) == ERR_LIB_OSSL_DECODER;
    if (ERR_SYSTEM_ERROR(first))
        return strerror_r(ERR_GET_REASON(first), room, size);
    if (none)
        snprintf(room, size, "there is no %s in it (PEM)", what);
    return none ? room : said != NULL ? said : "cannot be used";
}

static int fail(gx_error *error, const char *file, const char *what)
{
    char room[128];
    const char *reason = reason_of(ERR_peek_error(), what, room, sizeof room);
    ERR_clear_error();
    return gx_error_set(error, "%s: %s", file, reason);
}

/* Nobody sits before the terminal to be asked. */
static int no_passphrase(char *text, int size, int writing, void *asked)
{
    (void)text, (void)size, (void)writing;
    if (asked != NULL) /* of a certificate nobody wants to know */
        *(bool *)asked = true;
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
static void fail_key(const gx_tls *tls, bool asked, gx_error *error)
{
    unsigned long why = ERR_peek_last_error();
    bool readable = ERR_GET_LIB(why) == ERR_LIB_X509 || ERR_GET_REASON(why) == SSL_R_NO_CERTIFICATE_ASSIGNED;
    if (!readable && !asked) {
        fail(error, tls->key_file, "key");
        return;
    }
    ERR_clear_error();
    if (asked)
        gx_error_set(error, "%s: it has a passphrase, and nobody is there to be asked", tls->key_file);
    else
        gx_error_set(error, "%s is not the key of %s", tls->key_file, tls->certificate_file);
}

/* The key, which must be the certificate's. */
static bool use_key(SSL_CTX *context, const gx_tls *tls, gx_error *error)
{
    bool asked = false; /* for a passphrase */
    SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
    bool used = SSL_CTX_use_PrivateKey_file(context, tls->key_file, SSL_FILETYPE_PEM) == 1 &&
                SSL_CTX_check_private_key(context) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    if (!used)
        fail_key(tls, asked, error);
    return used;
}

static SSL_CTX *read_files(const gx_tls *tls, gx_error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    ERR_clear_error();
    if (context == NULL || !configure(context))
        fail(error, "TLS", "context");
    else if (SSL_CTX_use_certificate_chain_file(context, tls->certificate_file) != 1)
        fail(error, tls->certificate_file, "certificate");
    else if (use_key(context, tls, error))
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

static bool has_run_out(const SSL_CTX *context, char when[static GX_TLS_DATE_SIZE])
{
    const ASN1_TIME *end = X509_get0_notAfter(SSL_CTX_get0_certificate(context));
    struct tm date;
    if (X509_cmp_current_time(end) >= 0 || ASN1_TIME_to_tm(end, &date) != 1)
        return false;
    strftime(when, GX_TLS_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &date);
    return true;
}

bool gx_tls_has_run_out(gx_tls *tls, char when[static GX_TLS_DATE_SIZE])
{
    pthread_mutex_lock(&tls->lock);
    bool over = has_run_out(tls->context, when);
    pthread_mutex_unlock(&tls->lock);
    return over;
}

bool gx_tls_reload(gx_tls *tls, gx_error *error)
{
    char when[GX_TLS_DATE_SIZE];
    SSL_CTX *fresh = read_files(tls, error);
    if (fresh == NULL)
        return false;
    if (has_run_out(fresh, when)) {
        gx_error_set(error, "%s has run out on %s", tls->certificate_file, when);
        SSL_CTX_free(fresh);
        return false;
    }
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
