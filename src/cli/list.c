#include <string.h>

#include "cli/cli.h"

bool cli_list_read(const char *text, char *room, size_t size, const char **words, size_t most)
{
    size_t length = strlen(text), count = 0;
    char *rest = NULL;
    if (length >= size)
        return false;
    memcpy(room, text, length + 1);
    for (char *word = strtok_r(room, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest)) {
        if (count == most)
            return false;
        words[count++] = word;
    }
    words[count] = NULL;
    return true;
}
