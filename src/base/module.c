#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The modules' folder lies at the same place seen from the program, wherever both were installed. */
static bool write_path(char out[static PATH_MAX], const char *name, gx_error *error)
{
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(program, '/');
    if (slash == NULL) {
        gx_error_set(error, "%s cannot be loaded: /proc does not say where this program lies", name);
        return false;
    }
    *slash = '\0';
    if (snprintf(out, PATH_MAX, "%s/" GX_MODULES_FROM_PROGRAM "/%s.so", program, name) < PATH_MAX)
        return true;
    gx_error_set(error, "%s cannot be loaded: its path is too long", name);
    return false;
}

const void *gx_module_load(const char *name, const char *symbol, gx_error *error)
{
    char path[PATH_MAX];
    if (!write_path(path, name, error))
        return NULL;
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* the same one again when it is loaded already */
    const void *table = module != NULL ? dlsym(module, symbol) : NULL;
    if (table == NULL) {
        const char *reason = dlerror();
        gx_error_set(error, "%s cannot be loaded: %s", name, reason != NULL ? reason : "it is empty");
    }
    return table;
}
