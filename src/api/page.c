#include "api/page.h"

#include "api/input.h"

enum { LAST_PAGE = 1000000, MOST_ASKED_FOR = 1000000 };

bool gx_page_parse(gx_call *call, int64_t usual, int64_t most, gx_paging *out)
{
    return gx_input_query_int(call, "page", 1, LAST_PAGE, 1, &out->page) &&
           gx_input_query_int(call, "pageSize", 1, most, usual, &out->size);
}

bool gx_page_parse_capped(gx_call *call, int64_t usual, int64_t most, gx_paging *out)
{
    if (!gx_page_parse(call, usual, MOST_ASKED_FOR, out))
        return false;
    if (out->size > most)
        out->size = most;
    return true;
}

gx_json gx_page_open(gx_answer *answer, const char *rows)
{
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_open_array(&json, rows);
    return json;
}

void gx_page_close(gx_json *json, gx_paging paging, int64_t total)
{
    gx_json_close_array(json);
    gx_json_int(json, "total", total);
    gx_json_int(json, "page", paging.page);
    gx_json_int(json, "pageSize", paging.size);
    gx_json_close_object(json);
}
