/* grantexd add-developer: lets a developer in, by hand, beside a running server or without one. */
#include <stdio.h>

#include "authority/developer.h"
#include "daemon/command.h"
#include "daemon/offline.h"
#include "daemon/options.h"
#include "wire/json_writer.h"

typedef struct addition {
    gx_sign_up_request in;
    gx_signed_up out;
} addition;

static bool add(gx_act *act, void *context)
{
    addition *one = context;
    return gx_developer_add(act, &one->in, &one->out);
}

static bool print(const gx_signed_up *added)
{
    gx_buffer line = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&line);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "developerId", added->developer.id);
    gx_json_text(&json, "apiKey", added->api_key);
    gx_json_text(&json, "name", added->developer.name);
    gx_json_text(&json, "email", added->developer.email);
    gx_json_text(&json, "mode", added->developer.mode);
    gx_json_close_object(&json);
    bool printed = gx_buffer_text(&line) != NULL && puts(line.data) >= 0 && fflush(stdout) == 0;
    gx_buffer_free(&line);
    return printed;
}

static int find_store(gx_data_folder *folder, const gx_options *options, gx_error *error)
{
    return options->store != NULL ? gx_data_folder_find_store(folder, options->store, error)
                                  : gx_data_folder_find(folder, options->data, error);
}

int gx_command_add_developer(int argc, char **argv)
{
    gx_options options;
    gx_data_folder folder;
    gx_error error;
    if (!gx_options_read(&options, GX_FOR_ADD_DEVELOPER, argc, argv))
        return GX_EXIT_USAGE;
    if ((options.data == NULL) == (options.store == NULL) || options.name == NULL) {
        fprintf(stderr, "grantexd: --data (or else --store) and --name: are required\n");
        return GX_EXIT_USAGE;
    }
    addition one = {.in = {.name = options.name, .email = options.email, .mode = options.mode}};
    gx_arena arena = GX_ARENA_INIT(0);
    bool done = find_store(&folder, &options, &error) == 0 && gx_offline_act(&folder, add, &one, &arena, &error) == 0;
    if (!done)
        fprintf(stderr, "grantexd: %s\n", error.message);
    bool printed = done && print(&one.out);
    gx_arena_free(&arena);
    return printed ? GX_EXIT_OK : GX_EXIT_FAILED;
}
