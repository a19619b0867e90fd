#include "http/tls_session.h"

#include <limits.h>
#include <openssl/err.h>
#include <stdlib.h>

struct gx_tls_session {
    SSL *ssl;
    const gx_tls_pipes *pipes;
    bool broken;
};

/* --- the pipes --- */

bool gx_tls_pipes_open(gx_tls_pipes *pipes)
{
    pipes->in = BIO_new(BIO_s_mem());
    pipes->out = BIO_new(BIO_s_mem());
    if (pipes->in != NULL && pipes->out != NULL)
        return true;
    gx_tls_pipes_close(pipes);
    return false;
}

void gx_tls_pipes_close(gx_tls_pipes *pipes)
{
    BIO_free(pipes->in);
    BIO_free(pipes->out);
    *pipes = (gx_tls_pipes){NULL, NULL};
}

gx_span gx_tls_pipes_out(const gx_tls_pipes *pipes)
{
    char *bytes;
    long length = BIO_get_mem_data(pipes->out, &bytes);
    return (gx_span){bytes, length > 0 ? (size_t)length : 0};
}

void gx_tls_pipes_taken(const gx_tls_pipes *pipes)
{
    (void)BIO_reset(pipes->out);
}

/* --- a session --- */

/* SSL_free lets go of one reference to each. */
static bool lend_pipes(SSL *ssl, const gx_tls_pipes *pipes)
{
    if (BIO_up_ref(pipes->in) != 1)
        return false;
    if (BIO_up_ref(pipes->out) != 1) {
        BIO_free(pipes->in);
        return false;
    }
    SSL_set_bio(ssl, pipes->in, pipes->out);
    return true;
}

gx_tls_session *gx_tls_session_new(gx_tls *tls, const gx_tls_pipes *pipes)
{
    gx_tls_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return NULL;
    ERR_clear_error();
    session->pipes = pipes;
    session->ssl = gx_tls_new_ssl(tls);
    if (session->ssl != NULL && lend_pipes(session->ssl, pipes)) {
        SSL_set_accept_state(session->ssl);
        return session;
    }
    gx_tls_session_free(session);
    return NULL;
}

void gx_tls_session_free(gx_tls_session *session)
{
    if (session == NULL)
        return;
    SSL_free(session->ssl);
    free(session);
}

bool gx_tls_session_feed(gx_tls_session *session, gx_span bytes)
{
    /* What another session left behind when it broke. */
    (void)BIO_reset(session->pipes->in);
    return bytes.len <= INT_MAX && BIO_write(session->pipes->in, bytes.ptr, (int)bytes.len) == (int)bytes.len;
}

static gx_tls_read broken(gx_tls_session *session)
{
    session->broken = true;
    return ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST ? GX_TLS_READ_PLAIN : GX_TLS_READ_BROKEN;
}

gx_tls_read gx_tls_session_read(gx_tls_session *session, char *out, size_t size, size_t *taken)
{
    if (session->broken)
        return GX_TLS_READ_BROKEN;
    ERR_clear_error();
    int result = SSL_read_ex(session->ssl, out, size, taken);
    if (result == 1)
        return GX_TLS_READ_SOME;
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return GX_TLS_READ_NOTHING;
    case SSL_ERROR_ZERO_RETURN:
        return GX_TLS_READ_END;
    default:
        return broken(session);
    }
}

bool gx_tls_session_ready(const gx_tls_session *session)
{
    return SSL_is_init_finished(session->ssl) && !session->broken;
}

bool gx_tls_session_write(gx_tls_session *session, gx_span text)
{
    size_t written;
    ERR_clear_error();
    session->broken =
        session->broken || SSL_write_ex(session->ssl, text.ptr, text.len, &written) != 1 || written != text.len;
    return !session->broken;
}

void gx_tls_session_end(gx_tls_session *session)
{
    ERR_clear_error();
    if (gx_tls_session_ready(session))
        (void)SSL_shutdown(session->ssl);
}
