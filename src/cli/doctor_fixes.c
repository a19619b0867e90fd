/* The lines that cure. tests/e2e/test_doctor.py puts them into wrong configurations and looks whether they do. */
#include <string.h>
#include <strings.h>

#include "cli/doctor.h"

static const char *const NONE[] = {NULL};

static const char
    *const FIXES[DOCTOR_CHECKS][DOCTOR_PROXIES][DOCTOR_MOST_FIXES + 1] =
        {
            [DOCTOR_HTTP] =
                {
                    [DOCTOR_NGINX] = {"listen 443 ssl http2;", "proxy_http_version 1.1;"},
                    [DOCTOR_HAPROXY] = {"bind :443 ssl crt /etc/haproxy/site.pem alpn h2,http/1.1"},
                    [DOCTOR_CADDY] = {"remove protocols"},
                },
            [DOCTOR_KEY] =
                {
                    [DOCTOR_NGINX] = {"proxy_set_header Authorization $http_authorization;"},
                    [DOCTOR_HAPROXY] = {"remove http-request del-header Authorization"},
                    [DOCTOR_CADDY] = {"remove header_up -Authorization"},
                },
            [DOCTOR_KEEP_ALIVE] =
                {
                    [DOCTOR_NGINX] = {"keepalive_timeout 65s;"},
                    [DOCTOR_HAPROXY] = {"remove option httpclose", "option http-keep-alive"},
                },
            [DOCTOR_BUFFERING] =
                {
                    [DOCTOR_NGINX] = {"proxy_buffering off;", "proxy_http_version 1.1;",
                                      "proxy_set_header Connection $http_connection;"},
                    [DOCTOR_HAPROXY] = {"option http-no-delay"},
                    [DOCTOR_CADDY] = {"flush_interval -1"},
                },
            [DOCTOR_COMPRESSION] =
                {
                    [DOCTOR_NGINX] = {"gzip off;"},
                    [DOCTOR_HAPROXY] = {"remove compression"},
                    [DOCTOR_CADDY] = {"remove encode", "@rest not path /v1/events/stream", "encode @rest zstd gzip"},
                },
            [DOCTOR_NO_TRANSFORM] =
                {
                    [DOCTOR_NGINX] = {"expires off;", "proxy_hide_header Cache-Control;",
                                      "add_header Cache-Control \"no-cache, no-transform\";"},
                    [DOCTOR_HAPROXY] = {"http-response set-header Cache-Control \"no-cache, no-transform\" if "
                                        "{ res.hdr(Content-Type) -m beg text/event-stream }"},
                    [DOCTOR_CADDY] = {"remove header_down -Cache-Control"},
                },
            [DOCTOR_UPSTREAM] =
                {
                    [DOCTOR_NGINX] = {"proxy_http_version 1.1;", "proxy_set_header Connection $http_connection;"},
                    [DOCTOR_HAPROXY] = {"remove option httpclose"},
                },
            [DOCTOR_CURSOR] =
                {
                    [DOCTOR_NGINX] = {"proxy_set_header Last-Event-ID $http_last_event_id;"},
                    [DOCTOR_HAPROXY] = {"remove http-request del-header Last-Event-ID"},
                    [DOCTOR_CADDY] = {"remove header_up -Last-Event-ID"},
                },
            [DOCTOR_STREAMS] =
                {
                    [DOCTOR_NGINX] = {"remove limit_conn"},
                    [DOCTOR_HAPROXY] = {"maxconn 20000"},
                },
            [DOCTOR_WEBSOCKET] =
                {
                    [DOCTOR_NGINX] = {"proxy_http_version 1.1;", "proxy_set_header Upgrade $http_upgrade;",
                                      "proxy_set_header Connection $http_connection;"},
                },
            [DOCTOR_IDLE] =
                {
                    [DOCTOR_NGINX] = {"proxy_read_timeout 1h;"},
                    [DOCTOR_HAPROXY] = {"timeout server 1h", "timeout client 1h", "timeout tunnel 1h"},
                    [DOCTOR_CADDY] = {"remove read_timeout"},
                },
};

const char *const *doctor_fixes(doctor_check check, doctor_proxy proxy)
{
    return check < DOCTOR_CHECKS && proxy < DOCTOR_PROXIES ? FIXES[check][proxy] : NONE;
}

static const char *const NAMES[DOCTOR_PROXIES] = {
    [DOCTOR_NGINX] = "nginx", [DOCTOR_HAPROXY] = "haproxy", [DOCTOR_CADDY] = "caddy"};

const char *doctor_proxy_name(doctor_proxy proxy)
{
    return NAMES[proxy];
}

doctor_proxy doctor_proxy_of(const char *server)
{
    for (int proxy = 0; proxy < DOCTOR_PROXIES; proxy++)
        if (strncasecmp(server, NAMES[proxy], strlen(NAMES[proxy])) == 0)
            return (doctor_proxy)proxy;
    return DOCTOR_PROXIES;
}
