/* grantexd: which command. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/command.h"

static const char HELP[] =
    "grantexd " GX_VERSION " - authorization events for AI agents\n"
    "\n"
    "usage:\n"
    "  grantexd dev [--listen HOST:PORT] [--data DIR | --store URL] [--key KEY]\n"
    "      start at once on this machine: loopback, one sandbox developer, a key on stdout. Without --key\n"
    "      each start makes a new key, and the one before is void (other users of the machine see --key)\n"
    "  grantexd serve --data DIR | --store URL [--listen HOST:PORT] [--public-url URL]\n"
    "                 [--behind-proxy] [--open-signup] [--allow-private-webhooks]\n"
    "      start for others: nobody gets in who was not let in\n"
    "  grantexd add-developer --data DIR | --store URL --name NAME [--email ADDRESS] [--mode live|sandbox]\n"
    "      let a developer in; prints the API key once. May run beside a server\n"
    "  grantexd migrate --from URL --to URL\n"
    "      move a store into an empty one, sqlite:PATH or postgres://…, while no server runs on either; prints\n"
    "      how many rows each table had. Keys, tokens and the cursors of streams stay good\n"
    "\n"
    "options of dev and serve:\n"
    "  --listen HOST:PORT   where to listen (127.0.0.1:8480); port 0 takes a free one\n"
    "  --data DIR           where the store is (dev: ~/.local/state/grantex/dev)\n"
    "  --store URL          the store itself: sqlite:PATH or postgres://…; --data DIR means sqlite:DIR/grantex.db\n"
    "  --public-url URL     what clients call this server: issuer of its tokens, base of consent links\n"
    "  --bus URL,…          tell the other servers on this PostgreSQL at once what was committed: nats://HOST:PORT or\n"
    "                       tls://HOST:PORT of NATS; without, they find it by --poll\n"
    "  --bus-credentials FILE   NATS user credentials (.creds)\n"
    "  --bus-ca FILE        whom to trust for tls:// (the system's authorities)\n"
    "  --tls-cert FILE      speak TLS (1.2, 1.3) with this certificate chain, PEM; SIGHUP reads both files anew\n"
    "  --tls-key FILE       its key, PEM, without a passphrase\n"
    "  --hsts SECONDS       serve, with a certificate: how long browsers shall ask by https only (31536000; 0: no "
    "more)\n"
    "  --allow-private-webhooks   serve: events may be posted over http, and into this machine's own network\n"
    "  --webhook-retry MS,… waits between the attempts of a webhook's delivery (30000,60000,120000,240000)\n"
    "  --webhook-timeout MS how long one attempt may take (10000)\n"
    "  --heartbeat MS       how often an idle stream says that it is alive (15000)\n"
    "  --drain MS           how long a server that was told to end takes leave of its streams (3000)\n"
    "  --poll MS            how often streams look for what other servers on the same store have written, 0 for\n"
    "                       never (PostgreSQL 1000, SQLite 0)\n"
    "  --threads N          network threads (one per core)\n"
    "  --connections-per-address N   how many one address may have open, further ones are closed (2000; on\n"
    "                       loopback and with --behind-proxy: 0, no limit)\n"
    "  --max-streams N      open streams per developer (1000)\n"
    "  --max-streams-total N   open streams of all developers (as many as the process may open files, less 512)\n"
    "  --cors-origin ORIGIN    pages of this origin may call from a browser; may be repeated (none)\n"
    "  --max-delegation-depth N\n"
    "                       how many grants may hang below each other under one of a principal's (3)\n"
    "  --retain-age AGE     trim events that are older, such as 30d; s, m, h or d (all are kept)\n"
    "  --retain-bytes N     trim a developer's oldest while the log is larger, such as 500M; K, M, G or T (all are "
    "kept)\n"
    "  --retain-events N    trim all but each developer's newest N (all are kept)\n"
    "  --retain-every MS    how often to trim, and to erase who was deleted (10000)\n"
    "  --rate-limits SET    off (dev), default (serve) or reference: the hosted service's numbers\n"
    "  --rate-limit-ip N    calls a minute from one address, 0 for no limit\n"
    "  --rate-limit-key N   calls a minute with one API key, 0 for no limit\n"
    "  --plan NAME          how much a developer may have: free, pro or enterprise (no limit)\n"
    "  --log-level LEVEL    debug, info, warn or error, on stderr (info)\n"
    "\n"
    "When ready, one line of JSON on stdout: {\"url\":…,\"apiKey\":… (dev),\"pid\":…,\"data\":…}. SIGTERM drains and "
    "ends; SIGHUP reads the certificate anew.\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} COMMANDS[] = {
    {"dev", gx_command_dev},
    {"serve", gx_command_serve},
    {"add-developer", gx_command_add_developer},
    {"migrate", gx_command_migrate},
};

static bool wants(const char *word, const char *option, const char *letter)
{
    return strcmp(word, option) == 0 || strcmp(word, letter) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(HELP, stderr);
        return GX_EXIT_USAGE;
    }
    if (wants(argv[1], "--help", "-h") || (argc > 2 && wants(argv[2], "--help", "-h"))) {
        fputs(HELP, stdout);
        return GX_EXIT_OK;
    }
    if (wants(argv[1], "--version", "-V")) {
        puts("grantexd " GX_VERSION);
        return GX_EXIT_OK;
    }
    for (size_t i = 0; i < sizeof COMMANDS / sizeof *COMMANDS; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc, argv);
    }
    fprintf(stderr, "grantexd: %s: unknown command; see grantexd --help\n", argv[1]);
    return GX_EXIT_USAGE;
}
