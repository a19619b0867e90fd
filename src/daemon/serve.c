/* grantexd serve: no defaults that let anyone in. */
#include <stdio.h>

#include "daemon/command.h"
#include "daemon/run.h"

static bool allowed(const gx_options *options)
{
    if ((options->data == NULL) == (options->store == NULL)) {
        fprintf(stderr, "grantexd: --data: is required: the folder that holds the store; or else --store\n");
        return false;
    }
    if (!gx_options_loopback(options) && !options->behind_proxy && options->tls_cert == NULL) {
        fprintf(
            stderr,
            "grantexd: --listen %s: is not a loopback address, and API keys would cross the network in clear text.\n"
            "Give it a certificate by --tls-cert and --tls-key, or put a proxy that speaks TLS in front and say\n"
            "--behind-proxy, or listen on 127.0.0.1.\n",
            options->host);
        return false;
    }
    if (options->behind_proxy && options->address_connections > 0) {
        fprintf(stderr,
                "grantexd: --connections-per-address: with --behind-proxy all connections have the proxy's address; "
                "limit them there\n");
        return false;
    }
    return true;
}

int gx_command_serve(int argc, char **argv)
{
    gx_options options;
    gx_data_folder folder;
    gx_error error;
    if (!gx_options_read(&options, GX_FOR_SERVE, argc, argv) || !allowed(&options))
        return GX_EXIT_USAGE;
    int failed = options.store != NULL ? gx_data_folder_open_store(&folder, options.store, &error)
                                       : gx_data_folder_open(&folder, options.data, &error);
    if (failed) {
        fprintf(stderr, "grantexd: %s\n", error.message);
        return GX_EXIT_FAILED;
    }
    int status = gx_run(&options, &folder, NULL);
    gx_data_folder_close(&folder);
    return status;
}
