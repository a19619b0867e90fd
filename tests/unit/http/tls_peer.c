#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/tls_peer.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_files(const char *certificate_file, const char *key_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    assert_true(key != NULL && certificate != NULL);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *file = fopen(certificate_file, "w");
    assert_true(file != NULL && PEM_write_X509(file, certificate) == 1 && fclose(file) == 0);
    file = fopen(key_file, "w");
    assert_true(file != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(file) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

gx_tls *tls_of_a_new_certificate(void)
{
    char folder[] = "/tmp/grantex-tls-XXXXXX", certificate_file[64], key_file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(certificate_file, sizeof certificate_file, "%s/crt", folder);
    snprintf(key_file, sizeof key_file, "%s/key", folder);
    write_files(certificate_file, key_file);
    gx_error error = {{0}};
    gx_tls *tls = gx_tls_open(certificate_file, key_file, &error);
    unlink(certificate_file);
    unlink(key_file);
    rmdir(folder);
    if (tls == NULL)
        fail_msg("%s", error.message);
    return tls;
}

void tls_peer_open(tls_peer *peer)
{
    peer->context = SSL_CTX_new(TLS_client_method());
    peer->ssl = SSL_new(peer->context);
    peer->in = BIO_new(BIO_s_mem());
    peer->out = BIO_new(BIO_s_mem());
    assert_true(peer->ssl != NULL && peer->in != NULL && peer->out != NULL);
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    SSL_set_connect_state(peer->ssl);
}

void tls_peer_close(tls_peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
}

static void take_out(tls_peer *peer, gx_buffer *said)
{
    char *bytes;
    long length = BIO_get_mem_data(peer->out, &bytes);
    if (length > 0)
        gx_buffer_append(said, bytes, (size_t)length);
    (void)BIO_reset(peer->out);
}

void tls_peer_turn(tls_peer *peer, gx_span bytes, gx_buffer *text, gx_buffer *said)
{
    char piece[4096];
    size_t taken;
    if (bytes.len > 0)
        assert_int_equal(BIO_write(peer->in, bytes.ptr, (int)bytes.len), bytes.len);
    while (SSL_read_ex(peer->ssl, piece, sizeof piece, &taken) == 1)
        gx_buffer_append(text, piece, taken);
    take_out(peer, said);
}

void tls_peer_write(tls_peer *peer, const char *text, gx_buffer *said)
{
    size_t written;
    assert_int_equal(SSL_write_ex(peer->ssl, text, strlen(text), &written), 1);
    take_out(peer, said);
}
