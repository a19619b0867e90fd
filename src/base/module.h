/* Modules: parts of the program in files of their own, because most runs do not need them and what they link is large.
 */
#ifndef GX_BASE_MODULE_H
#define GX_BASE_MODULE_H

#include "base/error.h"

/* What a module shows of itself: one table of functions. */
#define GX_MODULE_TABLE __attribute__((visibility("default")))

/* The table `symbol` of the module `name`, which is loaded if it is not yet, and stays to the end. Only the program's
 * own place is looked at, no search path and no working directory. NULL: see `error`. */
const void *gx_module_load(const char *name, const char *symbol, gx_error *error);

#endif
