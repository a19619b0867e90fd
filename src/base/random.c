#include "base/random.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/types.h>

bool gx_random_bytes(void *out, size_t n)
{
    char *at = out;
    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
    return true;
}
