/* Numbers as ECMAScript writes them (ECMA-262, Number::toString): what JSON.stringify makes of a double, digit for
 * digit. */
#ifndef GX_WIRE_JSON_NUMBER_H
#define GX_WIRE_JSON_NUMBER_H

/* The longest take 26 bytes; this is also more than any compiler can think of. */
#define GX_JSON_NUMBER_SIZE 64

/* `value` is finite. Minus zero is "0". */
void gx_json_number_write(char out[static GX_JSON_NUMBER_SIZE], double value);

#endif
