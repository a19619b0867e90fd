/* What a program of somebody else does with an installed libgrantex, in C99 and in C++11 alike: the same text is both.
 */
#include <grantex/grantex.h>
#include <stdio.h>
#include <string.h>

static int parse_a_frame(void)
{
    static const char bytes[] = "id: 7\ndata: hello\n\n";
    const char *at = bytes;
    size_t length = sizeof bytes - 1;
    grantex_sse_parser *parser = NULL;
    grantex_sse_frame frame;
    int good = grantex_sse_parser_new(NULL, &parser) == GRANTEX_OK &&
               grantex_sse_parser_next(parser, &at, &length, &frame) == GRANTEX_OK &&
               strcmp(frame.data.text, "hello") == 0 && strcmp(frame.id.text, "7") == 0;
    grantex_sse_parser_free(parser);
    return good;
}

/* Nothing listens on port 1: an error that says so, and no crash. */
static int fail_to_connect(void)
{
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT;
    grantex_client *client = NULL;
    grantex_agent_list *list = NULL;
    grantex_error error;
    int good;
    memset(&error, 0, sizeof error);
    options.api_key = "gx_test_consumer";
    options.base_url = "http://127.0.0.1:1";
    options.max_retries = -1;
    good = grantex_client_open(&options, &client, &error) == GRANTEX_OK &&
           grantex_agents_list(client, &list, &error) == GRANTEX_E_NETWORK && error.message[0] != '\0';
    grantex_client_close(client);
    return good;
}

int main(void)
{
    int good = strcmp(grantex_version(), GRANTEX_VERSION) == 0 && parse_a_frame() && fail_to_connect();
    printf("%s %s\n", grantex_version(), good ? "works" : "does not work");
    return good ? 0 : 1;
}
