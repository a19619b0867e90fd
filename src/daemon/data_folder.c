#include "daemon/data_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"

static const char SCHEME[] = "sqlite:";

static int join(char out[static PATH_MAX], const char *folder, const char *rest, gx_error *error)
{
    int n = snprintf(out, PATH_MAX, "%s%s", folder, rest);
    return n > 0 && n < PATH_MAX ? 0 : gx_error_set(error, "%s: the path is too long", folder);
}

int gx_data_folder_default(char out[static PATH_MAX], gx_error *error)
{
    const char *state = getenv("XDG_STATE_HOME");
    if (state != NULL && state[0] == '/')
        return join(out, state, "/grantex/dev", error);
    const char *home = getenv("HOME");
    if (home != NULL && home[0] == '/')
        return join(out, home, "/.local/state/grantex/dev", error);
    return gx_error_set(error, "neither HOME nor XDG_STATE_HOME is set; give --data");
}

/* A new folder is there after a power cut only when the folder that it stands in was synced. */
static int sync_parent(const char *made, gx_error *error)
{
    char parent[PATH_MAX];
    if (join(parent, made, "", error) != 0)
        return -1;
    char *slash = strrchr(parent, '/');
    if (slash != NULL)
        slash[slash == parent] = '\0';
    int fd = open(slash != NULL ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (failed)
        gx_error_set(error, "%s: cannot be made durable: %s", made, strerror(errno));
    if (fd >= 0)
        close(fd);
    return failed ? -1 : 0;
}

static int make_folder(const char *path, gx_error *error)
{
    if (mkdir(path, 0700) == 0)
        return sync_parent(path, error);
    return errno == EEXIST ? 0 : gx_error_set(error, "%s: cannot be made: %s", path, strerror(errno));
}

/* mkdir -p, each new folder private. */
static int make_folders(const char *path, gx_error *error)
{
    char part[PATH_MAX];
    if (join(part, path, "", error) != 0)
        return -1;
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (make_folder(part, error) != 0)
            return -1;
        if (slash == NULL)
            return 0;
        *slash = '/';
    }
}

int gx_data_folder_find(gx_data_folder *folder, const char *path, gx_error *error)
{
    folder->lock_fd = -1;
    if (join(folder->path, path, "", error) != 0 || join(folder->store, SCHEME, path, error) != 0)
        return -1;
    size_t used = strlen(folder->store);
    int n = snprintf(folder->store + used, sizeof folder->store - used, "/grantex.db");
    if (n < 0 || (size_t)n >= sizeof folder->store - used)
        return gx_error_set(error, "%s: the path is too long", path);
    return make_folders(path, error);
}

static int lock_folder(gx_data_folder *folder, gx_error *error)
{
    char lock[PATH_MAX];
    if (join(lock, folder->path, "/lock", error) != 0)
        return -1;
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return gx_error_set(error, "%s: %s", lock, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return gx_error_set(error, "%s: another grantexd uses this data folder", folder->path);
    }
    folder->lock_fd = fd;
    return 0;
}

int gx_data_folder_open(gx_data_folder *folder, const char *path, gx_error *error)
{
    return gx_data_folder_find(folder, path, error) != 0 ? -1 : lock_folder(folder, error);
}

int gx_data_folder_find_store(gx_data_folder *folder, const char *url, gx_error *error)
{
    *folder = (gx_data_folder){.lock_fd = -1};
    if (gx_store_is_server(url))
        return join(folder->store, url, "", error);
    char home[PATH_MAX];
    if (join(home, url + sizeof SCHEME - 1, "", error) != 0)
        return -1;
    char *slash = strrchr(home, '/');
    if (slash != NULL)
        slash[slash == home] = '\0';
    if (gx_data_folder_find(folder, slash != NULL ? home : ".", error) != 0)
        return -1;
    return join(folder->store, url, "", error);
}

int gx_data_folder_open_store(gx_data_folder *folder, const char *url, gx_error *error)
{
    int failed = gx_data_folder_find_store(folder, url, error);
    return failed || folder->path[0] == '\0' ? failed : lock_folder(folder, error);
}

int gx_data_folder_open_existing(gx_data_folder *folder, const char *url, gx_error *error)
{
    const char *file = url + sizeof SCHEME - 1;
    if (!gx_store_is_server(url) && access(file, F_OK) != 0)
        return gx_error_set(error, "%s: %s", file, strerror(errno));
    return gx_data_folder_open_store(folder, url, error);
}

void gx_data_folder_close(gx_data_folder *folder)
{
    if (folder->lock_fd >= 0)
        close(folder->lock_fd);
    folder->lock_fd = -1;
}
