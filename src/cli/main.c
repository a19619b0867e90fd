#include <signal.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* `| head` is a way to end, not to be killed: a write says so as well */
    return cli_main(argc, argv);
}
