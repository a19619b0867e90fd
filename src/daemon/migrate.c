/* grantexd migrate: a store moves into another one, whatever the kinds. */
#include <stdio.h>
#include <unistd.h>

#include "daemon/command.h"
#include "daemon/data_folder.h"
#include "daemon/options.h"
#include "store/copy.h"
#include "store/schema.h"
#include "wire/json_writer.h"

static void count(void *context, const char *table, int64_t rows)
{
    gx_json_int(context, table, rows);
}

/* PostgreSQL takes a moment to see that a server which has just ended is gone. */
enum { LOOKS = 20, PAUSE_US = 100000 };

/* A data folder is locked; of a PostgreSQL its own list of connections tells. */
static int keep_servers_out(gx_database *store, const char *option, gx_error *error)
{
    bool in_use = true;
    for (int i = 0; i < LOOKS && in_use; i++) {
        if (i > 0)
            usleep(PAUSE_US);
        if (!gx_database_in_use(store, &in_use))
            return gx_error_set(error, "%s: %s", option, gx_database_message(store));
    }
    return in_use ? gx_error_set(error, "%s: a grantexd is connected to this store; stop it first", option) : 0;
}

static int copy_between(gx_database *from, gx_database *to, gx_arena *arena, gx_buffer *line, gx_error *error)
{
    gx_json json = gx_json_on(line);
    gx_json_open_object(&json, NULL);
    if (gx_schema_migrate(to, error) != 0 || gx_store_copy(from, to, arena, count, &json, error) != 0)
        return -1;
    gx_json_close_object(&json);
    return 0;
}

static int move_into(gx_database *from, const gx_data_folder *folder, gx_buffer *line, gx_error *error)
{
    gx_database *to = gx_database_open(folder->store, false, error);
    if (to == NULL)
        return -1;
    gx_arena arena = GX_ARENA_INIT(0);
    int failed = keep_servers_out(from, "--from", error) != 0 || keep_servers_out(to, "--to", error) != 0 ||
                 copy_between(from, to, &arena, line, error) != 0;
    gx_database_close(to);
    gx_arena_free(&arena);
    return failed;
}

static int move_from(gx_database *from, const gx_options *options, gx_buffer *line, gx_error *error)
{
    gx_data_folder folder;
    if (gx_data_folder_open_store(&folder, options->to, error) != 0)
        return -1;
    int failed = move_into(from, &folder, line, error);
    gx_data_folder_close(&folder);
    return failed;
}

/* Both stay locked against a server: what it wrote meanwhile would be lost. Nothing is made for the new store before
 * the old one is open. */
static int move(const gx_options *options, gx_buffer *line, gx_error *error)
{
    gx_data_folder folder;
    if (gx_data_folder_open_existing(&folder, options->from, error) != 0)
        return -1;
    gx_database *from = gx_database_open(folder.store, true, error);
    int failed = from != NULL ? move_from(from, options, line, error) : -1;
    gx_database_close(from);
    gx_data_folder_close(&folder);
    return failed;
}

int gx_command_migrate(int argc, char **argv)
{
    gx_options options;
    gx_error error;
    if (!gx_options_read(&options, GX_FOR_MIGRATE, argc, argv))
        return GX_EXIT_USAGE;
    if (options.from == NULL || options.to == NULL) {
        fprintf(stderr, "grantexd: --from and --to: are required\n");
        return GX_EXIT_USAGE;
    }
    gx_buffer line = GX_BUFFER_INIT(0);
    int failed = move(&options, &line, &error);
    if (failed)
        fprintf(stderr, "grantexd: %s\n", error.message);
    bool printed = !failed && gx_buffer_text(&line) != NULL && puts(line.data) >= 0 && fflush(stdout) == 0;
    gx_buffer_free(&line);
    return printed ? GX_EXIT_OK : GX_EXIT_FAILED;
}
