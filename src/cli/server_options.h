/* Options of doctor and conform that are read alike. */
#ifndef GX_CLI_SERVER_OPTIONS_H
#define GX_CLI_SERVER_OPTIONS_H

#include "cli/cli.h"

#define CLI_URL_SIZE 1024

/* The option's, else the environment's; NULL after saying that there is none. */
const char *cli_api_key(const cli_arguments *arguments);

/* The option's (--base-url), else the environment's; NULL: there is none. */
const char *cli_base_url(const cli_arguments *arguments);

/* The same of the certificates to trust; NULL: the system's. */
const char *cli_ca_file(const char *given);

/* http(s)://…, without a query, a name or a password; slashes at its end are taken off. */
bool cli_url_read(const char *text, char out[static CLI_URL_SIZE]);

#endif
