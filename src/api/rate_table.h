/* Counters per minute, of very many callers in fixed memory, shared by all threads. A caller is a 64-bit number. The
 * table never grows and never refuses because it is full: a caller who finds no place takes that of the one whose
 * minute is longest ago, and among those of this minute, of the one who has called least. So a flood of addresses can
 * make the table forget callers who are far from their limit, hardly one who is at it. */
#ifndef GX_API_RATE_TABLE_H
#define GX_API_RATE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct gx_rate_table gx_rate_table;

typedef struct gx_rate_verdict {
    uint32_t limit;     /* calls per minute; 0: nothing was counted */
    uint32_t remaining; /* of this minute */
    uint32_t reset_s;   /* 1 to 60: when the next one begins */
    bool refused;       /* this call was one too many */
} gx_rate_verdict;

gx_rate_table *gx_rate_table_new(void); /* NULL when out of memory */
void gx_rate_table_free(gx_rate_table *table);

/* Counts one call of `caller` in the calendar minute of `now_ms`, refused ones too. Any thread. */
gx_rate_verdict gx_rate_table_count(gx_rate_table *table, uint64_t caller, uint32_t limit, int64_t now_ms);

#endif
