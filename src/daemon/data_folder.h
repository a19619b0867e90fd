/* The data folder: made when missing, private to its user, used by one server at a time. */
#ifndef GX_DAEMON_DATA_FOLDER_H
#define GX_DAEMON_DATA_FOLDER_H

#include <limits.h>

#include "base/error.h"

typedef struct gx_data_folder {
    char path[PATH_MAX];
    char store[PATH_MAX]; /* URL: sqlite:path/grantex.db, or what --store named */
    int lock_fd;          /* holds the lock as long as it is open: a killed server leaves none behind */
} gx_data_folder;

/* Where `grantexd dev` keeps its data when nobody says: $XDG_STATE_HOME/grantex/dev, or ~/.local/state/grantex/dev. */
int gx_data_folder_default(char out[static PATH_MAX], gx_error *error);

/* Makes (mode 0700) and locks it. -1 and `error` when it is in use, or cannot be made. */
int gx_data_folder_open(gx_data_folder *folder, const char *path, gx_error *error);

/* The same without the lock: for commands that only add a row beside a running server. */
int gx_data_folder_find(gx_data_folder *folder, const char *path, gx_error *error);

/* The folder that holds the file of "sqlite:PATH", made and locked as above; a store that a server keeps has none: its
 * path is "". */
int gx_data_folder_open_store(gx_data_folder *folder, const char *url, gx_error *error);
/* The same for a store that must be there already: no folder is made, and no file but the lock. */
int gx_data_folder_open_existing(gx_data_folder *folder, const char *url, gx_error *error);
int gx_data_folder_find_store(gx_data_folder *folder, const char *url, gx_error *error);

void gx_data_folder_close(gx_data_folder *folder);

#endif
