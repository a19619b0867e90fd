/* Runs a target over the files of folders: what the fuzzer has found worth keeping stays tried by every test run, on
 * every compiler. Closes with how many. */
#include <dirent.h>
#include <string.h>

#include "base/buffer.h"
#include "fuzz.h"

enum { MOST_FILE_BYTES = 1 << 20 };

static void run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    FUZZ_REQUIRE(file != NULL);
    uint8_t *bytes = malloc(MOST_FILE_BYTES);
    FUZZ_REQUIRE(bytes != NULL);
    size_t length = fread(bytes, 1, MOST_FILE_BYTES, file);
    FUZZ_REQUIRE(length < MOST_FILE_BYTES && !ferror(file));
    fclose(file);
    uint8_t *exact = malloc(length > 0 ? length : 1);
    FUZZ_REQUIRE(exact != NULL);
    memcpy(exact, bytes, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    free(bytes);
}

static int run_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        gx_buffer name = GX_BUFFER_INIT(0);
        gx_buffer_printf(&name, "%s/%s", path, entry->d_name);
        run_file(gx_buffer_text(&name));
        gx_buffer_free(&name);
        count++;
    }
    closedir(folder);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++)
        count += run_folder(argv[i]);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1; /* a corpus that is gone tests nothing */
}
