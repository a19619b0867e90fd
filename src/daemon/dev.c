/* grantexd dev: everything by itself, for this machine only. */
#include <stdio.h>

#include "authority/developer.h"
#include "authority/secret.h"
#include "daemon/command.h"
#include "daemon/offline.h"
#include "daemon/run.h"

static bool ensure_developer(gx_act *act, void *context)
{
    const char *key = context;
    gx_developer_row ignored;
    return gx_developer_ensure(act, gx_span_of(key), &ignored);
}

static int open_folder(gx_data_folder *folder, const gx_options *options, gx_error *error)
{
    char path[PATH_MAX];
    if (options->store != NULL)
        return gx_data_folder_open_store(folder, options->store, error);
    if (options->data == NULL && gx_data_folder_default(path, error) != 0)
        return -1;
    return gx_data_folder_open(folder, options->data != NULL ? options->data : path, error);
}

static int serve_developer(const gx_options *options, const gx_data_folder *folder, gx_error *error)
{
    char key[GX_API_KEY_SIZE];
    if (options->key == NULL && !gx_api_key_new(key, true))
        return gx_error_set(error, "the system gives no randomness");
    const char *api_key = options->key != NULL ? options->key : key;
    gx_arena arena = GX_ARENA_INIT(0);
    int failed = gx_offline_act(folder, ensure_developer, (void *)api_key, &arena, error);
    gx_arena_free(&arena);
    return failed ? -1 : gx_run(options, folder, api_key);
}

int gx_command_dev(int argc, char **argv)
{
    gx_options options;
    gx_data_folder folder;
    gx_error error;
    if (!gx_options_read(&options, GX_FOR_DEV, argc, argv))
        return GX_EXIT_USAGE;
    if (!gx_options_loopback(&options)) {
        fprintf(stderr, "grantexd: --listen: dev listens on loopback only (127.0.0.1, ::1, localhost); see serve\n");
        return GX_EXIT_USAGE;
    }
    if (options.data != NULL && options.store != NULL) {
        fprintf(stderr, "grantexd: --data: or else --store, not both\n");
        return GX_EXIT_USAGE;
    }
    options.open_signup = true;
    options.private_webhooks = true;
    int status = open_folder(&folder, &options, &error);
    if (status == 0) {
        status = serve_developer(&options, &folder, &error);
        gx_data_folder_close(&folder);
    }
    if (status < 0)
        fprintf(stderr, "grantexd: %s\n", error.message);
    return status < 0 ? GX_EXIT_FAILED : status;
}
