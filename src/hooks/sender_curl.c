/* The only file of the server that knows libcurl; a module of its own (cmake/Modules.cmake). */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/list.h"
#include "base/module.h"
#include "hooks/poster.h"

#define MOST_ANSWER_BYTES ((size_t)64 * 1024)
#define MOST_KEPT_OPEN    64L /* connections that wait for the next event */

struct gx_poster {
    const gx_sender_options *options;
    CURLM *multi;
    gx_list exchanges;
};

typedef struct exchange {
    gx_list in_poster;
    gx_poster *poster;
    CURL *easy;
    struct curl_slist *headers;
    void (*done)(void *owner, const char *error);
    void *owner;
    size_t answered; /* bytes of the answer's body */
    bool refused;    /* an address was not allowed */
} exchange;

/* --- what came of it --- */

static const struct {
    CURLcode code;
    const char *words;
} FAILURES[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "the host name cannot be resolved"},
    {CURLE_COULDNT_CONNECT, "the connection was refused"},
    {CURLE_SSL_CONNECT_ERROR, "no TLS connection could be made"},
    {CURLE_PEER_FAILED_VERIFICATION, "the certificate is not valid"},
    {CURLE_GOT_NOTHING, "the connection was closed without an answer"},
    {CURLE_SEND_ERROR, "the connection broke"},
    {CURLE_RECV_ERROR, "the connection broke"},
    {CURLE_PARTIAL_FILE, "the connection broke"},
    {CURLE_URL_MALFORMAT, "the URL is not valid"},
    {CURLE_UNSUPPORTED_PROTOCOL, "the URL is neither http nor https"},
};

static void describe_failure(const exchange *one, CURLcode code, char out[static GX_SENDER_ERROR_SIZE])
{
    const char *words = "the request failed";
    for (size_t i = 0; i < sizeof FAILURES / sizeof *FAILURES; i++) {
        if (FAILURES[i].code == code)
            words = FAILURES[i].words;
    }
    int ms = one->poster->options->timeout_ms;
    if (one->refused && code == CURLE_COULDNT_CONNECT)
        snprintf(out, GX_SENDER_ERROR_SIZE, "the address is not allowed");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        snprintf(out, GX_SENDER_ERROR_SIZE, ms % 1000 == 0 ? "timed out after %d s" : "timed out after %d ms",
                 ms % 1000 == 0 ? ms / 1000 : ms);
    else
        snprintf(out, GX_SENDER_ERROR_SIZE, "%s", words);
}

/* An answer that was cut because it is too long has told what there was to tell. */
static void describe(const exchange *one, CURLcode code, char out[static GX_SENDER_ERROR_SIZE])
{
    long status = 0;
    bool answered = code == CURLE_OK || (code == CURLE_WRITE_ERROR && one->answered > MOST_ANSWER_BYTES);
    curl_easy_getinfo(one->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!answered)
        describe_failure(one, code, out);
    else if (status < 200 || status > 299)
        snprintf(out, GX_SENDER_ERROR_SIZE, "HTTP %ld", status);
    else
        out[0] = '\0';
}

/* --- libcurl's questions --- */

/* The address is the one that is connected to, however its name was resolved: there is no second look-up to fool. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    exchange *one = context;
    if (!one->poster->options->allow_private && gx_address_reserved(&address->addr) != NULL) {
        one->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    exchange *one = context;
    one->answered += size * count;
    return one->answered > MOST_ANSWER_BYTES ? 0 : size * count;
}

/* --- an exchange --- */

static void free_exchange(exchange *one)
{
    gx_list_remove(&one->in_poster);
    if (one->easy != NULL)
        curl_multi_remove_handle(one->poster->multi, one->easy);
    curl_easy_cleanup(one->easy);
    curl_slist_free_all(one->headers);
    free(one);
}

static bool set_headers(exchange *one, const char *const *headers)
{
    for (; *headers != NULL; headers++) {
        struct curl_slist *longer = curl_slist_append(one->headers, *headers);
        if (longer == NULL)
            return false;
        one->headers = longer;
    }
    return curl_easy_setopt(one->easy, CURLOPT_HTTPHEADER, one->headers) == CURLE_OK;
}

static void set_rules(CURL *easy, int timeout_ms)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* the end does not wait for a resolver's thread */
#endif
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none from the environment: it would connect in our place, unchecked */
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

static bool prepare(exchange *one, const gx_post *post)
{
    set_rules(one->easy, one->poster->options->timeout_ms);
    curl_easy_setopt(one->easy, CURLOPT_PRIVATE, one);
    curl_easy_setopt(one->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(one->easy, CURLOPT_OPENSOCKETDATA, one);
    curl_easy_setopt(one->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(one->easy, CURLOPT_WRITEDATA, one);
    curl_easy_setopt(one->easy, CURLOPT_POSTFIELDS, post->body.ptr);
    curl_easy_setopt(one->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.len);
    return curl_easy_setopt(one->easy, CURLOPT_URL, post->url) == CURLE_OK && set_headers(one, post->headers);
}

static bool post(gx_poster *poster, const gx_post *given)
{
    exchange *one = calloc(1, sizeof *one);
    if (one == NULL)
        return false;
    *one = (exchange){.poster = poster, .done = given->done, .owner = given->owner, .easy = curl_easy_init()};
    gx_list_init(&one->in_poster);
    if (one->easy != NULL && prepare(one, given) && curl_multi_add_handle(poster->multi, one->easy) == CURLM_OK) {
        gx_list_push_back(&poster->exchanges, &one->in_poster);
        return true;
    }
    free_exchange(one);
    return false;
}

/* --- all of them --- */

static gx_poster *new_poster(const gx_sender_options *options)
{
    gx_poster *poster = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? calloc(1, sizeof *poster) : NULL;
    if (poster == NULL)
        return NULL;
    poster->options = options;
    gx_list_init(&poster->exchanges);
    poster->multi = curl_multi_init();
    if (poster->multi == NULL) {
        free(poster);
        return NULL;
    }
    curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, MOST_KEPT_OPEN);
    return poster;
}

static void cut(gx_poster *poster)
{
    gx_list *next;
    for (gx_list *node = poster->exchanges.next; node != &poster->exchanges; node = next) {
        next = node->next;
        free_exchange(GX_LIST_ENTRY(node, exchange, in_poster));
    }
}

static void free_poster(gx_poster *poster)
{
    cut(poster);
    curl_multi_cleanup(poster->multi);
    free(poster);
}

static void end(CURL *easy, CURLcode code)
{
    exchange *one;
    char error[GX_SENDER_ERROR_SIZE];
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&one);
    describe(one, code, error);
    void (*done)(void *owner, const char *words) = one->done;
    void *owner = one->owner;
    free_exchange(one); /* before `done`, which may free the body, or post again */
    done(owner, error);
}

static void wait_for_any(gx_poster *poster, int wake_fd, int most_ms)
{
    int running, left;
    struct curl_waitfd wake = {.fd = wake_fd, .events = CURL_WAIT_POLLIN};
    curl_multi_poll(poster->multi, &wake, 1, most_ms, NULL);
    curl_multi_perform(poster->multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(poster->multi, &left)) != NULL;) {
        if (message->msg == CURLMSG_DONE)
            end(message->easy_handle, message->data.result);
    }
}

GX_MODULE_TABLE const gx_poster_module gx_curl_poster = {
    .new = new_poster,
    .free = free_poster,
    .post = post,
    .cut = cut,
    .wait = wait_for_any,
};
