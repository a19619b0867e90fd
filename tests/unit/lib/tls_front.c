#include "lib/tls_front.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct tls_front {
    SSL_CTX *tls;
    int listener, stop[2], port_behind;
    char url[64], ca_file[64];
    pthread_t thread;
};

/* --- the certificate ---------------------------------------------------------------------------------------------- */

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"scripted server", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    X509_EXTENSION *address = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, address, -1);
    X509_EXTENSION_free(address);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

static void write_certificate(char *path, X509 *certificate)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, certificate), 1);
    fclose(file);
}

static SSL_CTX *make_context(char *ca_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make_certificate(key);
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
    write_certificate(ca_file, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return tls;
}

/* --- the thread --------------------------------------------------------------------------------------------------- */

static int connect_behind(const tls_front *front)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)front->port_behind);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

/* What has come on one side goes to the other; false when a side has closed. */
static bool pass_inwards(SSL *ssl, int behind)
{
    char bytes[4096];
    int n;
    do {
        n = SSL_read(ssl, bytes, sizeof bytes);
        if (n <= 0 || send(behind, bytes, (size_t)n, MSG_NOSIGNAL) != n)
            return false;
    } while (SSL_pending(ssl) > 0);
    return true;
}

static bool pass_outwards(int behind, SSL *ssl)
{
    char bytes[4096];
    ssize_t n = recv(behind, bytes, sizeof bytes, 0);
    return n > 0 && SSL_write(ssl, bytes, (int)n) == n;
}

static void relay(const tls_front *front, SSL *ssl, int outside, int behind)
{
    struct pollfd all[] = {
        {.fd = outside, .events = POLLIN}, {.fd = behind, .events = POLLIN}, {.fd = front->stop[0], .events = POLLIN}};
    for (bool open = true; open && poll(all, 3, -1) > 0;) {
        open = !all[2].revents;
        if (open && all[0].revents)
            open = pass_inwards(ssl, behind);
        if (open && all[1].revents)
            open = pass_outwards(behind, ssl);
    }
}

static void serve(const tls_front *front, int outside)
{
    SSL *ssl = SSL_new(front->tls);
    int behind = -1;
    SSL_set_fd(ssl, outside);
    if (SSL_accept(ssl) == 1 && (behind = connect_behind(front)) >= 0)
        relay(front, ssl, outside, behind);
    if (behind >= 0)
        close(behind);
    SSL_shutdown(ssl);
    SSL_free(ssl);
    ERR_clear_error();
}

static void *run(void *context)
{
    tls_front *front = context;
    sigset_t others; /* alarms are for the thread that the test is about; OpenSSL writes to whoever has gone, too */
    sigemptyset(&others);
    sigaddset(&others, SIGALRM);
    sigaddset(&others, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &others, NULL);
    struct pollfd both[] = {{.fd = front->listener, .events = POLLIN}, {.fd = front->stop[0], .events = POLLIN}};
    while (poll(both, 2, -1) > 0 && !both[1].revents) {
        int fd = accept4(front->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        serve(front, fd);
        close(fd);
    }
    return NULL;
}

/* --- the test ----------------------------------------------------------------------------------------------------- */

tls_front *tls_front_start(const scripted_server *behind)
{
    tls_front *front = calloc(1, sizeof *front);
    char url[64];
    assert_non_null(front);
    snprintf(front->ca_file, sizeof front->ca_file, "/tmp/grantex-test-ca-XXXXXX");
    front->tls = make_context(front->ca_file);
    front->port_behind = atoi(strrchr(scripted_server_url(behind), ':') + 1);
    front->listener = scripted_server_reserve(url, sizeof url);
    snprintf(front->url, sizeof front->url, "https%.50s", url + strlen("http"));
    assert_int_equal(listen(front->listener, 16), 0);
    assert_int_equal(pipe(front->stop), 0);
    assert_int_equal(pthread_create(&front->thread, NULL, run, front), 0);
    return front;
}

void tls_front_stop(tls_front *front)
{
    close(front->stop[1]);
    pthread_join(front->thread, NULL);
    close(front->stop[0]);
    close(front->listener);
    unlink(front->ca_file);
    SSL_CTX_free(front->tls);
    free(front);
}

const char *tls_front_url(const tls_front *front)
{
    return front->url;
}

const char *tls_front_ca_file(const tls_front *front)
{
    return front->ca_file;
}
