#include "api/process_stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t gx_process_resident_bytes(void)
{
    unsigned long long pages = 0;
    char line[128];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    const char *second = fgets(line, sizeof line, file) != NULL ? strchr(line, ' ') : NULL;
    if (second != NULL)
        pages = strtoull(second, NULL, 10);
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t gx_process_open_descriptors(void)
{
    uint64_t count = 0;
    /* Not by opendir: libuv closes sockets by bare system calls, and TSan takes a folder that gets such a number, and
     * that it has not seen being opened, for a socket that two threads use. */
    int opened = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = opened < 0 ? NULL : fdopendir(opened);
    if (folder == NULL) {
        if (opened >= 0)
            close(opened);
        return 0;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* the folder itself was open */
}
