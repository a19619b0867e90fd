/* Lists in pages: `page` and `pageSize` in the query; `total`, `page` and `pageSize` in the answer. */
#ifndef GX_API_PAGE_H
#define GX_API_PAGE_H

#include "api/call.h"
#include "store/rows.h"
#include "wire/json_writer.h"

/* Existing clients ask for no page and expect all there are: the first page is as large as a page may be, and `total`
 * says whether there is more. */
enum { GX_MOST_ON_PAGE = 1000 };

/* Refuses (400) what is no page. Without `pageSize` it is `usual`. */
bool gx_page_parse(gx_call *call, int64_t usual, int64_t most, gx_paging *out);

/* The same for clients who may ask for more and are content with `most`. */
bool gx_page_parse_capped(gx_call *call, int64_t usual, int64_t most, gx_paging *out);

/* Around the rows, which the noun writes itself: {"grants":[ … ],"total":…,"page":…,"pageSize":…} */
gx_json gx_page_open(gx_answer *answer, const char *rows);
void gx_page_close(gx_json *json, gx_paging paging, int64_t total);

#endif
