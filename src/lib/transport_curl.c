#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "lib/answer_head.h"
#include "lib/body_socket.h"
#include "lib/socket_set.h"
#include "lib/transport.h"

#define LOG_LINE   256
#define CURL_BYTES 8192L /* at once */
#define READ_BYTES 16384

struct gx_transport {
    CURL *easy;
    CURLM *multi; /* NULL when only gx_transport_perform is used, and while a socket is read without libcurl */
    gx_socket_set sockets;
    bool held;    /* the sink had no room */
    bool running; /* the easy handle is in the multi handle */
    bool broken;  /* epoll refused a socket */
    int64_t deadline;
    struct curl_slist *headers;
    gx_body_sink sink;
    void *context;
    void (*log)(const char *line, void *user);
    void *log_user;
    size_t head_left;       /* of what heads may still have */
    gx_answer_head head;    /* the one that is being read */
    gx_chunk_reader chunks; /* of a body that libcurl gives as it came */
    gx_body_socket body;
    gx_response response;
    char error[CURL_ERROR_SIZE];
};

_Static_assert(sizeof(((gx_response *)0)->message) >= CURL_ERROR_SIZE, "messages of libcurl fit");

/* --- the end of an exchange --------------------------------------------------------------------------------------- */

static const struct {
    CURLcode code;
    gx_transport_fault fault;
} faults[] = {
    {CURLE_OK, GX_TRANSPORT_FAULT_NONE},
    {CURLE_OUT_OF_MEMORY, GX_TRANSPORT_FAULT_MEMORY},
    {CURLE_WRITE_ERROR, GX_TRANSPORT_FAULT_SINK},
    {CURLE_URL_MALFORMAT, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_UNSUPPORTED_PROTOCOL, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_TOO_MANY_REDIRECTS, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_PEER_FAILED_VERIFICATION, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_SSL_CACERT_BADFILE, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_SSL_ISSUER_ERROR, GX_TRANSPORT_FAULT_HOPELESS},
    {CURLE_BAD_FUNCTION_ARGUMENT, GX_TRANSPORT_FAULT_HOPELESS},
};

static gx_transport_fault fault_of(CURLcode code)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i].code == code)
            return faults[i].fault;
    return GX_TRANSPORT_FAULT_NETWORK;
}

static void finish(gx_transport *transport, CURLcode code)
{
    gx_response *response = &transport->response;
    response->over = true;
    response->fault = transport->head_left == 0 ? GX_TRANSPORT_FAULT_HEAD : fault_of(code);
    if (response->fault == GX_TRANSPORT_FAULT_HEAD)
        snprintf(response->message, sizeof response->message, "The head of the answer is longer than max_header_bytes");
    else if (code != CURLE_OK)
        snprintf(response->message, sizeof response->message, "%s",
                 transport->error[0] ? transport->error : curl_easy_strerror(code));
    long status = 0;
    if (response->status == 0 && code == CURLE_OK &&
        !curl_easy_getinfo(transport->easy, CURLINFO_RESPONSE_CODE, &status))
        response->status = (int)status;
}

/* --- what comes from the server ----------------------------------------------------------------------------------- */

/* Redirects are followed inside: their head is not the answer's. */
static void end_of_head(gx_transport *transport)
{
    long status = 0;
    curl_easy_getinfo(transport->easy, CURLINFO_RESPONSE_CODE, &status);
    bool followed = status >= 300 && status < 400 && transport->head.moved;
    if (status < 200 || followed)
        return;
    curl_off_t wait = 0;
    if (!curl_easy_getinfo(transport->easy, CURLINFO_RETRY_AFTER, &wait) && wait > 0)
        transport->response.retry_after_ms = wait < INT32_MAX ? (int64_t)wait * 1000 : INT32_MAX;
    if (transport->head.date[0] != '\0')
        transport->response.date_s = curl_getdate(transport->head.date, NULL);
    transport->response.status = (int)status;
}

static size_t on_header(char *bytes, size_t one, size_t length, void *context)
{
    gx_transport *transport = context;
    gx_span line = {bytes, one * length};
    if (line.len >= transport->head_left) {
        transport->head_left = 0;
        return 0;
    }
    transport->head_left -= line.len;
    while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
        line.len--;
    if (line.len == 0)
        end_of_head(transport);
    else
        gx_answer_head_line(&transport->head, &transport->response, line);
    return one * length;
}

/* What libcurl does, in its words; neither headers nor bodies, which have keys and tokens. */
static int on_debug(CURL *easy, curl_infotype kind, char *bytes, size_t length, void *context)
{
    (void)easy;
    gx_transport *transport = context;
    char line[LOG_LINE];
    if (kind != CURLINFO_TEXT || transport->body.fd >= 0) /* what it says of a socket that it gives up is not so */
        return 0;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
        length--;
    snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), bytes);
    transport->log(line, transport->log_user);
    return 0;
}

/* Whether the rest of the connection is the body's bytes and nothing else: no TLS (also not to a proxy), no HTTP/2, and
 * a body that is chunked or goes to the end. */
static bool is_plain(const gx_transport *transport)
{
    long version = 0;
    struct curl_tlssessioninfo *tls = NULL;
    return transport->multi && transport->response.status == 200 && !transport->head.framed && !transport->held &&
           transport->chunks.state < GX_CHUNK_ENDED &&
           curl_easy_getinfo(transport->easy, CURLINFO_HTTP_VERSION, &version) == CURLE_OK &&
           (version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1) &&
           curl_easy_getinfo(transport->easy, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls && !tls->internals;
}

/* Takes the socket over with the first bytes of the body. libcurl gives what it has read in one piece and reads no
 * more, because that piece is refused: what follows is still in the socket. */
static bool take_socket(gx_transport *transport)
{
    int fd = is_plain(transport) ? gx_socket_set_only(&transport->sockets) : -1;
    if (fd < 0 || !gx_body_socket_take(&transport->body, fd))
        return false;
    transport->body.chunked = transport->head.chunked;
    transport->body.chunks = transport->chunks;
    return true;
}

static gx_sunk sink_whole(gx_transport *transport, gx_span bytes)
{
    return transport->sink(transport->context, bytes.ptr, bytes.len);
}

/* The body bytes among those; that chunks are broken is told by whoever reads on. */
static gx_sunk sink_chunked(gx_transport *transport, gx_span bytes)
{
    gx_sunk sunk = GX_SUNK;
    gx_span piece;
    while (sunk != GX_SUNK_FAILED && (piece = gx_chunk_read(&transport->chunks, &bytes)).len > 0)
        sunk = sink_whole(transport, piece);
    return sunk;
}

static size_t on_body(char *bytes, size_t one, size_t length, void *context)
{
    gx_transport *transport = context;
    gx_span all = {bytes, one * length};
    bool raw = transport->multi && transport->head.chunked;
    gx_sunk sunk = raw ? sink_chunked(transport, all) : sink_whole(transport, all);
    if (sunk == GX_SUNK_FAILED)
        return 0;
    if (take_socket(transport))
        return 0;
    if (sunk == GX_SUNK_LATER && !transport->held) {
        transport->held = true;
        curl_easy_pause(transport->easy, CURLPAUSE_RECV);
    }
    return all.len;
}

/* --- sockets ------------------------------------------------------------------------------------------------------ */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0)
        gx_socket_set_add(&((gx_transport *)context)->sockets, fd);
    return fd;
}

static int close_socket(void *context, curl_socket_t fd)
{
    return gx_socket_set_close(&((gx_transport *)context)->sockets, fd);
}

/* libcurl says which sockets it waits for. One that it lets go of because the sink has no room stays watched: it is
 * wanted again before anybody waits. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    (void)easy, (void)unused;
    gx_transport *transport = context;
    uint32_t events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0u) | (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0u);
    if (what != CURL_POLL_REMOVE)
        transport->broken |= !gx_socket_set_watch(&transport->sockets, fd, events);
    else if (!transport->held)
        gx_socket_set_unwatch(&transport->sockets, fd);
    return 0;
}

static int set_deadline(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    gx_transport *transport = context;
    transport->deadline = timeout_ms < 0 ? INT64_MAX : gx_clock_monotonic_ms() + timeout_ms;
    return 0;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool open_multi(gx_transport *transport)
{
    transport->multi = curl_multi_init();
    if (!transport->multi)
        return false;
    curl_multi_setopt(transport->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(transport->multi, CURLMOPT_SOCKETDATA, transport);
    curl_multi_setopt(transport->multi, CURLMOPT_TIMERFUNCTION, set_deadline);
    curl_multi_setopt(transport->multi, CURLMOPT_TIMERDATA, transport);
    return true;
}

/* What of it is not there yet. */
static bool open_handles(gx_transport *transport)
{
    if (!transport->easy)
        transport->easy = curl_easy_init();
    return transport->easy && (transport->sockets.epoll < 0 || transport->multi || open_multi(transport));
}

static void stop_curl(gx_transport *transport)
{
    if (transport->running)
        curl_multi_remove_handle(transport->multi, transport->easy);
    transport->running = transport->held = false;
    transport->deadline = INT64_MAX;
}

static void close_handles(gx_transport *transport)
{
    stop_curl(transport);
    curl_easy_cleanup(transport->easy);
    curl_multi_cleanup(transport->multi);
    curl_slist_free_all(transport->headers);
    transport->easy = NULL;
    transport->multi = NULL;
    transport->headers = NULL;
}

gx_transport *gx_transport_new(int epoll)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    gx_transport *transport = gx_calloc(1, sizeof *transport);
    if (!transport)
        return NULL;
    transport->sockets = GX_SOCKET_SET_INIT(epoll);
    transport->body.fd = -1;
    transport->deadline = INT64_MAX;
    if (!open_handles(transport)) {
        gx_transport_free(transport);
        return NULL;
    }
    return transport;
}

void gx_transport_free(gx_transport *transport)
{
    if (!transport)
        return;
    close_handles(transport);
    gx_body_socket_close(&transport->body);
    gx_free(transport);
}

void gx_transport_abandon(gx_transport *transport)
{
    if (!transport)
        return;
    gx_socket_set_abandon(&transport->sockets);
    gx_body_socket_close(&transport->body);
    curl_slist_free_all(transport->headers);
    gx_free(transport);
}

/* --- an exchange -------------------------------------------------------------------------------------------------- */

static bool set_headers(gx_transport *transport, const char *const *headers)
{
    curl_slist_free_all(transport->headers);
    transport->headers = NULL;
    for (; *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(transport->headers, *headers);
        if (!longer)
            return false;
        transport->headers = longer;
    }
    return curl_easy_setopt(transport->easy, CURLOPT_HTTPHEADER, transport->headers) == CURLE_OK;
}

static void set_protocols(CURL *easy, const char *url)
{
    bool secure = gx_span_starts_with(gx_span_of(url), GX_SPAN("https:")); /* never from https down to http */
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
                     (long)(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_callbacks(gx_transport *transport)
{
    CURL *easy = transport->easy;
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transport->error);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transport);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transport);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transport);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transport);
    if (transport->log) {
        curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
        curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
        curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transport);
    }
}

static bool prepare(gx_transport *transport, const gx_request *request)
{
    CURL *easy = transport->easy;
    curl_easy_reset(easy);
    transport->sink = request->sink;
    transport->context = request->context;
    transport->log = request->log;
    transport->log_user = request->log_user;
    transport->head_left = request->limits.header_bytes;
    transport->response = gx_response_none();
    transport->broken = false;
    transport->chunks = (gx_chunk_reader){0};
    transport->error[0] = '\0';

    set_callbacks(transport);
    set_protocols(easy, request->url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L); /* libcurl keeps Authorization from other origins */
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)request->limits.redirects);
    curl_easy_setopt(easy, CURLOPT_POSTREDIR, (long)CURL_REDIR_POST_ALL);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->total_timeout_ms);
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* closing does not wait for a resolver thread */
#endif
    if (request->body.len > 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    }
    bool ok = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
    if (request->ca_file)
        ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file) == CURLE_OK;
    return ok && curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
           set_headers(transport, request->headers);
}

const gx_response *gx_transport_perform(gx_transport *transport, const gx_request *request)
{
    finish(transport, prepare(transport, request) ? curl_easy_perform(transport->easy) : CURLE_OUT_OF_MEMORY);
    return &transport->response;
}

bool gx_transport_start(gx_transport *transport, const gx_request *request)
{
    gx_transport_stop(transport);
    if (!open_handles(transport) || !prepare(transport, request))
        return false;
    curl_easy_setopt(transport->easy, CURLOPT_BUFFERSIZE, CURL_BYTES);
    curl_easy_setopt(transport->easy, CURLOPT_HTTP_TRANSFER_DECODING, 0L); /* done here: see take_socket */
    /* A stream ends by a fault or for good: its connection is not worth keeping. */
    curl_easy_setopt(transport->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(transport->easy, CURLOPT_FORBID_REUSE, 1L);
    transport->running = curl_multi_add_handle(transport->multi, transport->easy) == CURLM_OK;
    return transport->running;
}

void gx_transport_stop(gx_transport *transport)
{
    stop_curl(transport);
    gx_body_socket_close(&transport->body);
}

bool gx_transport_resume(gx_transport *transport)
{
    if (!transport->held)
        return false;
    transport->held = false;
    if (curl_easy_pause(transport->easy, CURLPAUSE_CONT) != CURLE_OK) /* it can only want memory for what it holds */
        finish(transport, CURLE_OUT_OF_MEMORY);
    else
        gx_transport_tick(transport); /* what the socket has, without a way round by the timer */
    return true;
}

/* libcurl has ended its part, and what it keeps is of no use any more. */
static void read_without_curl(gx_transport *transport)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = transport->body.fd};
    close_handles(transport);
    if (epoll_ctl(transport->sockets.epoll, EPOLL_CTL_ADD, transport->body.fd, &event) != 0)
        finish(transport, CURLE_OUT_OF_MEMORY);
}

static void act(gx_transport *transport, curl_socket_t fd, int mask)
{
    int running, left;
    curl_multi_socket_action(transport->multi, fd, mask, &running);
    CURLMsg *message = curl_multi_info_read(transport->multi, &left);
    if (transport->body.fd >= 0)
        read_without_curl(transport);
    else if (message && message->msg == CURLMSG_DONE && !transport->response.over)
        finish(transport, message->data.result);
    else if (transport->broken && !transport->response.over)
        finish(transport, CURLE_OUT_OF_MEMORY);
}

size_t gx_transport_receive(gx_transport *transport, gx_buffer *into)
{
    gx_response *response = &transport->response;
    size_t before = into->length;
    if (transport->body.fd < 0 || !transport->body.ready || response->over)
        return 0;
    if (!gx_buffer_reserve(into, READ_BYTES)) {
        finish(transport, CURLE_OUT_OF_MEMORY);
        return 0;
    }
    gx_body_state state = gx_body_socket_read(&transport->body, into);
    if (state != GX_BODY_OPEN) {
        response->over = true;
        response->fault = state == GX_BODY_ENDED ? GX_TRANSPORT_FAULT_NONE : GX_TRANSPORT_FAULT_NETWORK;
        snprintf(response->message, sizeof response->message, "%s", gx_body_state_text(state));
    }
    return into->length - before;
}

void gx_transport_step(gx_transport *transport, int fd, uint32_t events)
{
    int mask = (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
               (events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
    if (fd == transport->body.fd)
        transport->body.ready = true;
    else if (transport->running)
        act(transport, fd, mask);
}

int64_t gx_transport_deadline(const gx_transport *transport)
{
    return transport->deadline;
}

void gx_transport_tick(gx_transport *transport)
{
    transport->deadline = INT64_MAX;
    if (transport->running)
        act(transport, CURL_SOCKET_TIMEOUT, 0);
}

const gx_response *gx_transport_response(const gx_transport *transport)
{
    return &transport->response;
}
