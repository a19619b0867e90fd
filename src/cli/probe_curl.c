/* The only file of doctor and conform that knows libcurl. libgrantex hides what they want to see: when bytes came, in
 * which version of HTTP, over which connection. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli/probe.h"

#define CONNECT_TIMEOUT_MS 10000L
#define LONGEST_WAIT_MS    50 /* so that `done` is asked often enough */

struct cli_probe {
    CURLM *multi;
    cli_transfer *transfers;
};

/* What belongs to libcurl of one transfer. */
typedef struct handle {
    CURL *easy;
    struct curl_slist *headers;
    CURLM *multi; /* NULL: taken off */
    char curl_error[CURL_ERROR_SIZE];
} handle;

int64_t cli_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t cli_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- what arrives ------------------------------------------------------------------------------------------------- */

static void read_status_line(cli_transfer *transfer, const char *line, size_t length)
{
    char text[64];
    char *at = text;
    snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), line);
    long major = strtol(text + strcspn(text, "/") + (strchr(text, '/') != NULL), &at, 10);
    long minor = *at == '.' ? strtol(at + 1, &at, 10) : 0; /* "HTTP/2 200" has none */
    transfer->http_version = (int)(major * 10 + minor);
    transfer->status = (int)strtol(at, NULL, 10);
    transfer->head_length = 0; /* of an interim answer before it nothing is kept */
    if (transfer->head_us < 0)
        transfer->head_us = cli_now_us();
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    cli_transfer *transfer = context;
    size_t length = size * count;
    if (length > 5 && strncmp(line, "HTTP/", 5) == 0)
        read_status_line(transfer, line, length);
    if (length <= 2)
        transfer->head_whole = true;
    if (transfer->head_length + length >= CLI_PROBE_MOST_HEAD)
        return 0;
    memcpy(transfer->head + transfer->head_length, line, length);
    transfer->head_length += length;
    transfer->head[transfer->head_length] = '\0';
    return length;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    cli_transfer *transfer = context;
    size_t length = size * count;
    if (transfer->body_length + length >= CLI_PROBE_MOST_BODY || transfer->piece_count == CLI_PROBE_MOST_PIECES)
        return 0;
    char *grown = realloc(transfer->body, transfer->body_length + length + 1);
    if (!grown) {
        transfer->no_memory = true;
        return 0;
    }
    transfer->body = grown;
    memcpy(transfer->body + transfer->body_length, bytes, length);
    transfer->body_length += length;
    transfer->body[transfer->body_length] = '\0';
    transfer->pieces[transfer->piece_count++] = (cli_piece){.at_us = cli_now_us(), .end = transfer->body_length};
    return length;
}

const char *cli_transfer_header(const cli_transfer *transfer, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);
    snprintf(out, size, "%s", "");
    for (const char *line = transfer->head; line && *line;) {
        size_t end = strcspn(line, "\r\n");
        if (end > length && strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *value = line + length + 1 + strspn(line + length + 1, " \t");
            snprintf(out, size, "%.*s", (int)(line + end - value), value);
        }
        line += end;
        line += strspn(line, "\r\n");
    }
    return out;
}

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

static void note_certificate(cli_transfer *transfer, CURL *easy)
{
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1)
        return;
    for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
        if (strncmp(line->data, "Expire date:", 12) == 0) {
            time_t until = curl_getdate(line->data + 12, NULL);
            if (until > 0)
                transfer->certificate_days = (long)((until - time(NULL)) / 86400);
        }
}

/* By libcurl's own report of the handshake: "SSL connection using TLSv1.3 / …". */
static int on_debug(CURL *easy, curl_infotype type, char *text, size_t length, void *context)
{
    static const char begin[] = "SSL connection using ";
    cli_transfer *transfer = context;
    (void)easy;
    if (type == CURLINFO_TEXT && length > sizeof begin && strncmp(text, begin, sizeof begin - 1) == 0) {
        const char *name = text + sizeof begin - 1;
        size_t width = strcspn(name, " /\n");
        snprintf(transfer->tls, sizeof transfer->tls, "%.*s", (int)(width < 15 ? width : 15), name);
    }
    return 0;
}

/* --- a transfer's life -------------------------------------------------------------------------------------------- */

static bool add_header(handle *own, const char *line)
{
    struct curl_slist *longer = curl_slist_append(own->headers, line);
    if (longer)
        own->headers = longer;
    return longer != NULL;
}

static bool add_headers(handle *own, const cli_probe_request *request)
{
    char bearer[640];
    bool good = add_header(own, "User-Agent: grantex-doctor");
    if (request->api_key) {
        int length = snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", request->api_key);
        good = good && length < (int)sizeof bearer && add_header(own, bearer);
    }
    for (size_t i = 0; i < CLI_PROBE_MOST_HEADERS && request->headers[i]; i++)
        good = good && add_header(own, request->headers[i]);
    return good;
}

static void set_options(cli_transfer *transfer, handle *own, const cli_probe_request *request)
{
    CURL *easy = own->easy;
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, own->headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     (long)(request->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, own->curl_error);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    if (request->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
}

static void take_off(handle *own)
{
    if (own->multi)
        curl_multi_remove_handle(own->multi, own->easy);
    own->multi = NULL;
}

static void free_transfer(cli_transfer *transfer)
{
    handle *own = transfer->handle;
    if (own) {
        take_off(own);
        curl_easy_cleanup(own->easy);
        curl_slist_free_all(own->headers);
    }
    free(own);
    free(transfer->head);
    free(transfer->body);
    free(transfer->pieces);
    free(transfer);
}

static cli_transfer *new_transfer(void)
{
    cli_transfer *transfer = calloc(1, sizeof *transfer);
    handle *own = calloc(1, sizeof *own);
    if (!transfer || !own) {
        free(transfer);
        free(own);
        return NULL;
    }
    transfer->handle = own;
    transfer->head = calloc(1, CLI_PROBE_MOST_HEAD);
    transfer->pieces = calloc(CLI_PROBE_MOST_PIECES, sizeof *transfer->pieces);
    transfer->head_us = transfer->ended_us = -1;
    transfer->certificate_days = -1;
    own->easy = curl_easy_init();
    if (transfer->head && transfer->pieces && own->easy)
        return transfer;
    free_transfer(transfer);
    return NULL;
}

cli_transfer *cli_probe_start(cli_probe *probe, const cli_probe_request *request)
{
    cli_transfer *transfer = new_transfer();
    if (!transfer)
        return NULL;
    handle *own = transfer->handle;
    bool good = add_headers(own, request);
    set_options(transfer, own, request);
    transfer->sent_us = cli_now_us();
    transfer->sent_wall_ms = cli_wall_ms();
    if (!good || curl_multi_add_handle(probe->multi, own->easy) != CURLM_OK) {
        free_transfer(transfer);
        return NULL;
    }
    own->multi = probe->multi;
    transfer->next = probe->transfers;
    probe->transfers = transfer;
    return transfer;
}

void cli_probe_stop(cli_probe *probe, cli_transfer *transfer)
{
    (void)probe;
    if (!cli_transfer_ended(transfer))
        take_off(transfer->handle);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static void note_end(cli_transfer *transfer, handle *own, CURLcode result)
{
    long connects = 0;
    transfer->ended_us = cli_now_us();
    transfer->no_memory = transfer->no_memory || result == CURLE_OUT_OF_MEMORY;
    transfer->certificate_refused = result == CURLE_PEER_FAILED_VERIFICATION || result == CURLE_SSL_CACERT_BADFILE;
    if (result != CURLE_OK)
        snprintf(transfer->error, sizeof transfer->error, "%s",
                 own->curl_error[0] ? own->curl_error : curl_easy_strerror(result));
    curl_easy_getinfo(own->easy, CURLINFO_NUM_CONNECTS, &connects);
    transfer->new_connection = connects > 0;
    note_certificate(transfer, own->easy);
    take_off(own);
}

static void take_ended(cli_probe *probe)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(probe->multi, &left));) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        cli_transfer *transfer = (cli_transfer *)(void *)private;
        note_end(transfer, transfer->handle, result);
    }
}

void cli_probe_run(cli_probe *probe, int64_t until_us, bool (*done)(void *context), void *context)
{
    for (;;) {
        int running;
        curl_multi_perform(probe->multi, &running);
        take_ended(probe);
        int64_t left_ms = (until_us - cli_now_us()) / 1000;
        if (left_ms <= 0 || (done && done(context)))
            return;
        curl_multi_poll(probe->multi, NULL, 0, left_ms < LONGEST_WAIT_MS ? (int)left_ms : LONGEST_WAIT_MS, NULL);
    }
}

cli_probe *cli_probe_open(void)
{
    cli_probe *probe = calloc(1, sizeof *probe);
    if (probe)
        probe->multi = curl_multi_init();
    if (probe && !probe->multi) {
        free(probe);
        return NULL;
    }
    return probe;
}

bool cli_probe_close(cli_probe *probe)
{
    bool had_memory = true;
    while (probe->transfers) {
        cli_transfer *transfer = probe->transfers;
        probe->transfers = transfer->next;
        had_memory = had_memory && !transfer->no_memory;
        free_transfer(transfer);
    }
    curl_multi_cleanup(probe->multi);
    free(probe);
    return had_memory;
}
