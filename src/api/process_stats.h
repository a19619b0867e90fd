/* What the kernel knows of this process. */
#ifndef GX_API_PROCESS_STATS_H
#define GX_API_PROCESS_STATS_H

#include <stdint.h>

/* 0 where /proc does not say. */
uint64_t gx_process_resident_bytes(void);
uint64_t gx_process_open_descriptors(void);

#endif
