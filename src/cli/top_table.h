/* Budgets by the time to their end, as a table. */
#ifndef GX_CLI_TOP_TABLE_H
#define GX_CLI_TOP_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "grantex/budgets.h"

typedef struct cli_top_shape {
    int columns; /* 0: as wide as the texts are, ids whole */
    bool color;
} cli_top_shape;

void cli_top_put_header(FILE *out, const cli_top_shape *shape);
void cli_top_put_row(FILE *out, const cli_top_shape *shape, const grantex_burn *burn);

/* "exhausted", "empties soon", "over 80 %", "over 50 %", "ok". */
const char *cli_top_state(const grantex_burn *burn);

#endif
