#include "cli/http_post.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_REST_MS 1000

struct cli_http {
    CURLM *multi;
    CURL *easy;
    char error[CURL_ERROR_SIZE];
};

static size_t drop_body(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static void set_rules(cli_http *http, int timeout_ms)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(http->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(http->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(http->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(http->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(http->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(http->easy, CURLOPT_WRITEFUNCTION, drop_body);
    curl_easy_setopt(http->easy, CURLOPT_ERRORBUFFER, http->error);
}

cli_http *cli_http_open(int timeout_ms)
{
    cli_http *http = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? calloc(1, sizeof *http) : NULL;
    if (!http)
        return NULL;
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    if (http->multi && http->easy) {
        set_rules(http, timeout_ms);
        return http;
    }
    cli_http_close(http);
    return NULL;
}

void cli_http_close(cli_http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    free(http);
    curl_global_cleanup();
}

bool cli_http_url_ok(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL;
    bool good = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] != '\0' &&
                (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parts);
    return good;
}

/* True when it has ended by itself. */
static bool run(cli_http *http, int abort_fd, CURLcode *result)
{
    int running = 1, left;
    while (running > 0) {
        struct curl_waitfd abort = {.fd = abort_fd, .events = CURL_WAIT_POLLIN};
        if (curl_multi_perform(http->multi, &running) != CURLM_OK)
            break;
        if (running > 0) {
            curl_multi_poll(http->multi, &abort, 1, LONGEST_REST_MS, NULL);
            if (abort.revents)
                return false;
        }
    }
    const CURLMsg *message = curl_multi_info_read(http->multi, &left);
    *result = message ? message->data.result : CURLE_FAILED_INIT;
    return true;
}

static void read_answer(const cli_http *http, CURLcode result, cli_http_answer *answer)
{
    curl_off_t wait = 0;
    *answer = (cli_http_answer){.status = 0};
    if (result == CURLE_OK)
        curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &answer->status);
    if (curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK)
        answer->retry_after_s = (long)wait;
    if (answer->status > 0)
        snprintf(answer->error, sizeof answer->error, "HTTP %ld", answer->status);
    else
        snprintf(answer->error, sizeof answer->error, "%s", http->error[0] ? http->error : curl_easy_strerror(result));
}

bool cli_http_post(cli_http *http, const char *url, const char *const *headers, const char *body, size_t length,
                   int abort_fd, cli_http_answer *answer)
{
    struct curl_slist *list = NULL;
    CURLcode result = CURLE_OUT_OF_MEMORY;
    for (; *headers; headers++) {
        struct curl_slist *longer = curl_slist_append(list, *headers);
        list = longer ? longer : list;
    }
    http->error[0] = '\0';
    curl_easy_setopt(http->easy, CURLOPT_URL, url);
    curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(http->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(http->easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    curl_multi_add_handle(http->multi, http->easy);
    bool ended = run(http, abort_fd, &result);
    curl_multi_remove_handle(http->multi, http->easy);
    if (ended)
        read_answer(http, result, answer);
    curl_easy_setopt(http->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
    return ended;
}
