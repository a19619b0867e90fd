/* The commands of grantexd, one file each. Each returns the exit status: 0, 1 (could not), 2 (wrong usage). */
#ifndef GX_DAEMON_COMMAND_H
#define GX_DAEMON_COMMAND_H

int gx_command_dev(int argc, char **argv);
int gx_command_serve(int argc, char **argv);
int gx_command_add_developer(int argc, char **argv);
int gx_command_migrate(int argc, char **argv);

enum { GX_EXIT_OK = 0, GX_EXIT_FAILED = 1, GX_EXIT_USAGE = 2 };

#endif
