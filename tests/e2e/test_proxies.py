"""The configurations of packaging/proxies, as they are but for names, ports and certificates: nothing bad is said of them, browsers get
HTTP/2, and a stream, a resume and a WebSocket go through."""

import subprocess

import pytest

from support import build, life
from support.proxy import Caddy, Haproxy, Nginx

FOLDER = build.ROOT / "packaging" / "proxies"


@pytest.fixture(name="certificate", scope="session")
def fixture_certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "grantex.key", "-out", folder / "grantex.crt"],
        check=True, capture_output=True)
    (folder / "grantex.pem").write_text((folder / "grantex.crt").read_text() + (folder / "grantex.key").read_text())
    return folder


def changed(name, *pairs):
    """The file with these in other words; each must stand there."""
    text = (FOLDER / name).read_text()
    for old, new in pairs:
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, str(new))
    return text


def nginx(folder, server, certificate):
    proxy = Nginx(folder, server)
    site = changed(
        "nginx.conf", ("127.0.0.1:8480", proxy.upstream), ("listen 443 ", f"listen 127.0.0.1:{proxy.port} "), ("events.example.com", "localhost"),
        ("/etc/ssl/certs/grantex.pem", certificate / "grantex.crt"), ("/etc/ssl/private/grantex.key", certificate / "grantex.key"))
    (folder / "site.conf").write_text(site)
    begin, _, _ = proxy.config([]).partition("  server {")
    return proxy, f"{begin}include {folder}/site.conf;\n}}\n"


def haproxy(folder, server, certificate):
    proxy = Haproxy(folder, server)
    return proxy, changed(
        "haproxy.cfg", ("maxconn 20000", "maxconn 1000"), ("127.0.0.1:8480", proxy.upstream), ("bind :443 ", f"bind 127.0.0.1:{proxy.port} "),
        ("/etc/haproxy/grantex.pem", certificate / "grantex.pem"))


def caddy(folder, server, certificate):
    proxy = Caddy(folder, server)
    text = changed(
        "Caddyfile", ("127.0.0.1:8480", proxy.upstream),
        ("events.example.com {", f"https://localhost:{proxy.port} {{\n\ttls {certificate}/grantex.crt {certificate}/grantex.key"))
    return proxy, f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\n{text}"


MAKERS = {"nginx": nginx, "haproxy": haproxy, "caddy": caddy}


@pytest.fixture(name="site", params=MAKERS)
def fixture_site(request, start, tmp_path, certificate):
    """(server, URL) of a grantexd and a proxy with the configuration that ships."""
    if {"nginx": Nginx, "haproxy": Haproxy, "caddy": Caddy}[request.param].missing():
        pytest.skip(f"there is no {request.param} here")
    server = start("--heartbeat", 1000)
    folder = tmp_path / request.param
    folder.mkdir()
    proxy, config = MAKERS[request.param](folder, server, certificate)
    proxy.start(config)
    yield server, f"https://localhost:{proxy.port}"
    proxy.stop()


def command(server, *arguments, **environment):
    return subprocess.run(
        [build.GRANTEX, *map(str, arguments)], env=build.environment(server.folder, GRANTEX_API_KEY=server.key, **environment),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE + 30, check=False)


def test_doctor_has_nothing_to_say_and_browsers_get_http_2(site, certificate):
    server, url = site
    said = command(server, "doctor", url, "--idle", 4, "--ca-file", certificate / "grantex.crt")
    assert said.returncode == 0 and "16 good, 0 bad, 0 could be better, 0 not measured" in said.stdout, said.stdout + said.stderr
    assert "HTTP/2" in said.stdout and "TLSv1.3" in said.stdout


def test_a_certificate_that_is_not_trusted_is_said_so(site):
    server, url = site
    said = command(server, "doctor", url)
    assert said.returncode == 4 and "✗ TLS" in said.stdout and "not trusted" in said.stdout


def test_events_go_through_live_and_after_an_event(site, certificate):
    server, url = site
    api = server.api()
    grant = life.new_grant(api)
    events = command(
        server, "events", "stream", "--since", "1h", "--until", "now", "--json", GRANTEX_BASE_URL=url, GRANTEX_CA_FILE=str(certificate / "grantex.crt"))
    assert events.returncode == 0 and events.stdout.count(grant.id) == 2, events
