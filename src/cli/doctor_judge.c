#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/doctor.h"

#define SLOW_FIRST_BYTE_MS 1000
#define LATE_FRAME_MS      500 /* a busy machine is not a proxy that holds back */
#define SKEW_BAD_MS        5000
#define SKEW_ADVICE_MS     1000
#define CERTIFICATE_DAYS   14

static void say(doctor_finding *finding, doctor_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(doctor_finding *finding, doctor_result result, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(finding->text, sizeof finding->text, format, values);
    va_end(values);
    finding->result = result;
}

static double seconds(long long ms)
{
    return (double)ms / 1000;
}

/* --- of an ordinary request --------------------------------------------------------------------------------------- */

static void judge_answer(const doctor_facts *f, doctor_finding *out)
{
    if (f->status == 0)
        say(out, DOCTOR_BAD, "none: %s", f->error[0] ? f->error : "the connection was closed");
    else if (f->status >= 300 && f->status < 400)
        say(out, DOCTOR_BAD,
            "%d: redirected to %s; use that URL, because a client does not send its key after a redirect", f->status,
            f->location[0] ? f->location : "nowhere");
    else if (f->status == 502 || f->status == 504)
        say(out, DOCTOR_BAD, "%d: the proxy does not reach its server", f->status);
    else if (f->status != 200 && f->status != 401)
        say(out, DOCTOR_BAD, "%d %s", f->status, f->code[0] ? f->code : "in a form that is not Grantex's");
    else
        say(out, DOCTOR_GOOD, "the server answers");
}

static void judge_tls(const doctor_facts *f, doctor_finding *out)
{
    if (f->certificate_refused)
        say(out, DOCTOR_BAD, "the certificate is not trusted: %s; an authority of your own is named by GRANTEX_CA_FILE",
            f->error);
    else if (!f->https && f->loopback)
        say(out, DOCTOR_GOOD, "none, and none needed on this machine");
    else if (!f->https)
        say(out, DOCTOR_BAD, "none: the key and all events travel in the clear");
    else if (f->status == 0)
        say(out, DOCTOR_UNKNOWN, "no answer");
    else if (f->certificate_days >= 0 && f->certificate_days < CERTIFICATE_DAYS)
        say(out, DOCTOR_ADVICE, "%s, but the certificate ends in %ld days", f->tls, f->certificate_days);
    else
        say(out, DOCTOR_GOOD, "%s, the certificate is good", f->tls[0] ? f->tls : "TLS");
}

static void judge_http(const doctor_facts *f, doctor_finding *out)
{
    if (f->http_version >= 20)
        say(out, DOCTOR_GOOD, "HTTP/%d", f->http_version / 10);
    else if (f->http_version == 10)
        say(out, DOCTOR_BAD, "HTTP/1.0: a stream that is cut looks as if it had ended");
    else if (f->http_version > 0 && f->https)
        say(out, DOCTOR_ADVICE, "HTTP/1.1: a browser opens at most six streams, in all its tabs together");
    else if (f->http_version > 0)
        say(out, DOCTOR_GOOD, "HTTP/1.1");
    else
        say(out, DOCTOR_UNKNOWN, "no answer");
}

static void judge_key(const doctor_facts *f, doctor_finding *out)
{
    if (f->key_lost)
        say(out, DOCTOR_BAD, "the Authorization header does not arrive at the server");
    else if (f->status == 401 && !f->code[0])
        say(out, DOCTOR_BAD, "401, but not from a Grantex server: the proxy itself asks for a password");
    else if (f->status == 401)
        say(out, DOCTOR_BAD, "the server does not take this key: %s",
            cli_hint_of(&(grantex_error){.status = GRANTEX_E_AUTH}));
    else if (f->status == 200)
        say(out, DOCTOR_GOOD, "accepted");
    else
        say(out, DOCTOR_UNKNOWN, "no answer");
}

static void judge_keep_alive(const doctor_facts *f, doctor_finding *out)
{
    if (f->status != 200)
        say(out, DOCTOR_UNKNOWN, "no answer");
    else if (f->kept_alive)
        say(out, DOCTOR_GOOD, "a connection serves more than one request");
    else
        say(out, DOCTOR_ADVICE, "every request opens a connection of its own");
}

static void judge_clock(const doctor_facts *f, doctor_finding *out)
{
    long long off = llabs(f->skew_ms) - f->skew_error_ms;
    if (f->skew_error_ms == INT32_MAX)
        say(out, DOCTOR_UNKNOWN, "the server does not say what time it is");
    else if (off > SKEW_ADVICE_MS)
        say(out, off > SKEW_BAD_MS ? DOCTOR_BAD : DOCTOR_ADVICE,
            "the server's clock is %.1f s %s this one; `since` and the expiry of tokens are by the server's",
            seconds(llabs(f->skew_ms)), f->skew_ms > 0 ? "ahead of" : "behind");
    else
        say(out, DOCTOR_GOOD, "differs by %lld ms, give or take %lld ms", llabs(f->skew_ms), f->skew_error_ms);
}

/* --- of the stream ------------------------------------------------------------------------------------------------ */

static bool has_stream(const doctor_facts *f)
{
    return f->stream_status == 200;
}

static void judge_stream(const doctor_facts *f, doctor_finding *out)
{
    if (f->stream_status == 0)
        say(out, DOCTOR_UNKNOWN, "no head has arrived");
    else if (f->stream_status != 200)
        say(out, DOCTOR_BAD, "refused: %d %s", f->stream_status,
            f->stream_code[0] ? f->stream_code : "in a form that is not Grantex's");
    else if (strncasecmp(f->content_type, "text/event-stream", 17) != 0)
        say(out, DOCTOR_BAD, "the answer is no event stream: Content-Type is \"%s\"", f->content_type);
    else
        say(out, DOCTOR_GOOD, "opens");
}

static void judge_first_byte(const doctor_facts *f, doctor_finding *out)
{
    if (f->first_byte_ms < 0)
        say(out, DOCTOR_UNKNOWN, "none");
    else
        say(out, f->first_byte_ms < SLOW_FIRST_BYTE_MS ? DOCTOR_GOOD : DOCTOR_ADVICE, "after %lld ms",
            f->first_byte_ms);
}

static void judge_buffering(const doctor_facts *f, doctor_finding *out)
{
    double window = seconds(f->window_ms), every = seconds(DOCTOR_EVERY_MS);
    if (f->status != 200 || (f->stream_status != 0 && f->stream_status != 200))
        say(out, DOCTOR_UNKNOWN, "no stream");
    else if (f->first_byte_ms < 0)
        say(out, DOCTOR_BAD,
            "nothing of the stream arrived in %.1f s, though other requests are answered: a proxy holds it back (or "
            "the server is one that sends nothing before its first event)",
            window);
    else if (!f->probed)
        say(out, DOCTOR_UNKNOWN, "this server knows no ?probe, and nobody knows when it wrote");
    else if (f->delay_ms >= LATE_FRAME_MS)
        say(out, DOCTOR_BAD, "frames that were written every %.1f s arrive %s (p95 delay %.1f s, expected < %.1f s)",
            every, f->later_frames ? "in bursts" : "not at all", seconds(f->delay_ms), seconds(LATE_FRAME_MS));
    else
        say(out, DOCTOR_GOOD, "none: frames arrive as they are written (p95 delay %lld ms)",
            f->delay_ms > 0 ? f->delay_ms : 0);
}

static bool is_coding(const char *text)
{
    return text[0] && strcasecmp(text, "identity") != 0;
}

static void judge_compression(const doctor_facts *f, doctor_finding *out)
{
    const char *coding = is_coding(f->encoding) ? f->encoding : f->squeezed;
    if (!has_stream(f))
        say(out, DOCTOR_UNKNOWN, "no stream");
    else if (is_coding(coding))
        say(out, DOCTOR_BAD, "the stream is compressed on the way (%s): events wait until the compressor has enough",
            coding);
    else
        say(out, DOCTOR_GOOD, "none, also for a client that takes gzip");
}

static void judge_no_transform(const doctor_facts *f, doctor_finding *out)
{
    if (!has_stream(f))
        say(out, DOCTOR_UNKNOWN, "no stream");
    else if (strstr(f->cache_control, "no-transform"))
        say(out, DOCTOR_GOOD, "Cache-Control arrives as the server wrote it");
    else
        say(out, f->probed ? DOCTOR_BAD : DOCTOR_ADVICE,
            "Cache-Control arrives as \"%s\": further proxies may cache or compress the stream", f->cache_control);
}

static void judge_upstream(const doctor_facts *f, doctor_finding *out)
{
    if (!f->probed)
        say(out, DOCTOR_UNKNOWN, "the server does not say");
    else if (strcmp(f->upstream_http, "1.0") == 0)
        say(out, DOCTOR_BAD,
            "the proxy asks its server by HTTP/1.0: a stream that is cut looks as if it had ended, and "
            "clients do not resume");
    else if (strcasecmp(f->upstream_connection, "close") == 0)
        say(out, DOCTOR_ADVICE, "the proxy opens a connection to its server for every request (Connection: close)");
    else
        say(out, DOCTOR_GOOD, "the request arrives by HTTP/%s", f->upstream_http);
}

static void judge_cursor(const doctor_facts *f, doctor_finding *out)
{
    if (f->cursor_status == 400)
        say(out, DOCTOR_GOOD, "Last-Event-ID arrives at the server");
    else if (f->cursor_status == 200 && f->probed)
        say(out, DOCTOR_BAD, "Last-Event-ID does not arrive at the server: a client that reconnects misses events");
    else if (f->cursor_status == 200)
        say(out, DOCTOR_ADVICE, "Last-Event-ID has no effect: a client that reconnects misses events");
    else
        say(out, DOCTOR_UNKNOWN, "no answer");
}

static void judge_streams(const doctor_facts *f, doctor_finding *out)
{
    if (f->streams_wanted == 0 || f->streams_open == 0)
        say(out, DOCTOR_UNKNOWN, "no stream");
    else if (f->streams_open == f->streams_wanted)
        say(out, DOCTOR_GOOD, "%d at once", f->streams_open);
    else if (strcmp(f->refused_code, "TOO_MANY_CONNECTIONS") == 0)
        say(out, DOCTOR_ADVICE,
            "%d of %d: your limit at the server (--max-streams), with those that are open elsewhere", f->streams_open,
            f->streams_wanted);
    else if (f->refused_status > 0)
        say(out, DOCTOR_BAD, "%d of %d at once; the next is answered %d, and not by the server: the proxy's limit",
            f->streams_open, f->streams_wanted, f->refused_status);
    else
        say(out, DOCTOR_BAD, "%d of %d at once; the others wait for an answer: the proxy's limit", f->streams_open,
            f->streams_wanted);
}

static void judge_websocket(const doctor_facts *f, doctor_finding *out)
{
    if (f->status != 200)
        say(out, DOCTOR_UNKNOWN, "no answer");
    else if (f->websocket_status == 101)
        say(out, DOCTOR_GOOD, "opens");
    else if (f->websocket_status == 0)
        say(out, DOCTOR_ADVICE, "no answer");
    else
        say(out, DOCTOR_ADVICE, "does not open (%d); streams need it not", f->websocket_status);
}

static void judge_idle(const doctor_facts *f, doctor_finding *out)
{
    bool beats = f->heartbeat_ms > 0;
    long long safe_ms = f->heartbeat_ms * 5 / 2;
    if (f->idle_wanted_ms < 0)
        say(out, DOCTOR_UNKNOWN, "not measured (--idle SECONDS)");
    else if (f->idle_cut && beats && f->idle_ms >= safe_ms)
        say(out, DOCTOR_ADVICE, "a silent stream is cut after %.1f s; heartbeats every %.1f s keep it open",
            seconds(f->idle_ms), seconds(f->heartbeat_ms));
    else if (f->idle_cut && beats)
        say(out, DOCTOR_BAD,
            "a silent stream is cut after %.1f s, and heartbeats come every %.1f s: it must live %.1f s",
            seconds(f->idle_ms), seconds(f->heartbeat_ms), seconds(safe_ms));
    else if (f->idle_cut)
        say(out, DOCTOR_BAD, "a silent stream is cut after %.1f s", seconds(f->idle_ms));
    else if (beats && f->idle_wanted_ms <= f->heartbeat_ms)
        say(out, DOCTOR_UNKNOWN,
            "a silent stream lived %.1f s; heartbeats come every %.1f s, so watch longer: --idle %lld",
            seconds(f->idle_ms), seconds(f->heartbeat_ms), safe_ms / 1000 + 1);
    else
        say(out, DOCTOR_GOOD, "a silent stream lives %.1f s; longer was not measured (--idle)", seconds(f->idle_ms));
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*judge)(const doctor_facts *facts, doctor_finding *out);
} CHECKS[DOCTOR_CHECKS] = {
    [DOCTOR_ANSWER] = {"answer", judge_answer},
    [DOCTOR_TLS] = {"TLS", judge_tls},
    [DOCTOR_HTTP] = {"HTTP", judge_http},
    [DOCTOR_KEY] = {"key", judge_key},
    [DOCTOR_KEEP_ALIVE] = {"keep-alive", judge_keep_alive},
    [DOCTOR_CLOCK] = {"clock", judge_clock},
    [DOCTOR_STREAM] = {"stream", judge_stream},
    [DOCTOR_FIRST_BYTE] = {"first byte", judge_first_byte},
    [DOCTOR_BUFFERING] = {"buffering", judge_buffering},
    [DOCTOR_COMPRESSION] = {"compression", judge_compression},
    [DOCTOR_NO_TRANSFORM] = {"no-transform", judge_no_transform},
    [DOCTOR_UPSTREAM] = {"upstream", judge_upstream},
    [DOCTOR_CURSOR] = {"resume", judge_cursor},
    [DOCTOR_STREAMS] = {"streams", judge_streams},
    [DOCTOR_WEBSOCKET] = {"websocket", judge_websocket},
    [DOCTOR_IDLE] = {"idle", judge_idle},
};

void doctor_judge(const doctor_facts *facts, doctor_finding findings[static DOCTOR_CHECKS])
{
    for (int check = 0; check < DOCTOR_CHECKS; check++) {
        CHECKS[check].judge(facts, &findings[check]);
        findings[check].by_proxy = check != DOCTOR_KEY || facts->key_lost;
    }
}

const char *doctor_check_name(doctor_check check)
{
    return CHECKS[check].name;
}

int doctor_exit(const doctor_facts *facts, const doctor_finding findings[static DOCTOR_CHECKS])
{
    if (facts->status == 0)
        return CLI_NETWORK;
    if (findings[DOCTOR_KEY].result == DOCTOR_BAD && !facts->key_lost)
        return CLI_KEY;
    for (int check = 0; check < DOCTOR_CHECKS; check++)
        if (findings[check].result == DOCTOR_BAD)
            return CLI_FOUND;
    return CLI_OK;
}
