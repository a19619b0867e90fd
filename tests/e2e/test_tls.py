"""`--tls-cert`, `--tls-key`: what a client sees of TLS, and what an operator does with it. The whole of the stream's scenarios runs over TLS
by GRANTEX_TEST_TLS=1 as well."""

import http.client
import json
import signal
import socket
import ssl
import subprocess

import pytest

from support import build, life, tls
from support.program import Program
from support.raw import talk_to
from support.stream import SseReader
from support.websocket import WsClient

pytestmark = pytest.mark.sqlite


@pytest.fixture(name="certificate")
def fixture_certificate():
    return tls.common()


@pytest.fixture(name="secure")
def fixture_secure(start, certificate):
    return start(*certificate.options)


def context(certificate, protocol=None):
    made = tls.trusting(certificate)
    if protocol is not None:
        made.minimum_version = made.maximum_version = protocol
    return made


def get(server, made, path="/livez"):
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=build.PATIENCE, context=made)
    try:
        connection.request("GET", path)
        return connection.getresponse().status, connection.sock.version() if connection.sock else None
    finally:
        connection.close()


def greet(server, made):
    with socket.create_connection(("127.0.0.1", server.port), timeout=build.PATIENCE) as plain:
        return made.wrap_socket(plain, server_hostname="127.0.0.1")


def test_the_ready_line_and_the_links_say_https(secure):
    assert secure.url.startswith("https://127.0.0.1:")
    api = secure.sign_up()
    assert life.authorize(api, life.register(api))["consentUrl"].startswith(f"{secure.url}/consent?req=")


@pytest.mark.parametrize("protocol", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda it: it.name)
def test_both_versions_of_tls_are_spoken(secure, certificate, protocol):
    assert get(secure, context(certificate, protocol))[0] == 200


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_older_than_1_2_is_refused(secure, certificate):
    old = context(certificate)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        greet(secure, old)


def test_http_1_1_is_what_is_agreed_on_and_http_2_alone_is_refused(secure, certificate):
    both = context(certificate)
    both.set_alpn_protocols(["h2", "http/1.1"])
    with greet(secure, both) as agreed:
        assert agreed.selected_alpn_protocol() == "http/1.1"
    only = context(certificate)
    only.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError):
        greet(secure, only)


def test_with_a_certificate_serve_listens_on_every_address(start, certificate):
    server = start(*certificate.options, "--listen", "0.0.0.0:0", command="serve")
    assert get(server, context(certificate))[0] == 200


def secured(server, path, key=None):
    """What an answer says in Strict-Transport-Security."""
    return server.api(key).get(path).headers.get("strict-transport-security")


def test_browsers_are_told_to_keep_to_https_where_serve_ends_tls_itself(start, certificate):
    server = start(*certificate.options, "--open-signup", command="serve")
    api = server.sign_up()
    told = [secured(server, path, api.key) for path in ("/monitor", "/v1/agents", "/nowhere")]
    with SseReader(api) as stream:
        stream.wait_open()
        told.append(stream.headers.get("strict-transport-security"))
    assert told == ["max-age=31536000"] * 4
    assert secured(start(*certificate.options, "--hsts", 0, command="serve"), "/livez") == "max-age=0"


@pytest.mark.plain
def test_browsers_are_not_told_so_over_plain_http_nor_by_dev(start, secure):
    assert secured(secure, "/livez") is None
    assert secured(start("--hsts", 300, command="serve"), "/livez") is None
    assert secured(start(), "/livez") is None


def test_who_speaks_plain_http_is_told(secure):
    with socket.create_connection(("127.0.0.1", secure.port), timeout=build.PATIENCE) as plain:
        plain.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        while piece := plain.recv(4096):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"https" in body
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_noise_ends_the_connection_and_nothing_else(secure, certificate):
    for noise in (b"\x16\x03\x01\xff\xff" + b"x" * 70000, b"\x00" * 100, b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"):
        talk_to("127.0.0.1", secure.port, noise)
    assert get(secure, context(certificate))[0] == 200


def test_a_reader_that_stands_still_for_megabytes_gets_everything_in_the_end(secure, certificate):
    api = secure.api()
    grant = life.new_grant(api, scopes=[f"scope:{number:03d}:{'x' * 200}" for number in range(100)])
    agent = grant.agent_id
    for _ in range(150):
        life.new_grant(api, agent_id=agent, scopes=[f"scope:{number:03d}:{'x' * 200}" for number in range(100)])
    with tls.connect(secure.url, build.PATIENCE, receive_buffer=4096) as slow:
        slow.sendall(
            f"GET /v1/events/stream?since=2020-01-01T00:00:00Z HTTP/1.0\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode())
        with SseReader(api) as quick:
            quick.wait_open()
            for _ in range(50):
                life.refresh(api, grant)
            quick.wait_events(50)
        body = b""
        while body.count(b"\ndata: {") < 352 or not body.endswith(b"\n\n"):
            piece = slow.recv(1 << 16)
            assert piece, f"ended after {len(body)} bytes"
            body += piece
    assert [json.loads(line[6:])["seq"] for line in body.split(b"\n") if line.startswith(b"data: {")] == list(range(1, 353))
    assert len(body) > 3_000_000


class Records:
    """A client that does its TLS by itself, and counts the records that come."""

    APPLICATION_DATA = 23

    def __init__(self, server, certificate):
        self._raw = socket.create_connection(("127.0.0.1", server.port), timeout=build.PATIENCE)
        self._sealed, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._plain = tls.trusting(certificate).wrap_bio(self._sealed, self._out, server_hostname="127.0.0.1")
        self._head = b""
        self.sizes = []  # of the records with data so far

    def _until_done(self, step):
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._raw.sendall(self._out.read())
                self._take(self._raw.recv(65536))

    def _take(self, data):
        assert data, "the server ended the connection"
        self._sealed.write(data)
        self._head += data
        while len(self._head) >= 5 and len(self._head) >= 5 + (length := int.from_bytes(self._head[3:5], "big")):
            if self._head[0] == self.APPLICATION_DATA:
                self.sizes.append(length)
            self._head = self._head[5 + length:]

    def get(self, api, query):
        """Asks for a stream. In one go: who is slow over a handshake is cut off."""
        self._until_done(self._plain.do_handshake)
        self._plain.write(f"GET /v1/events/stream{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode())
        self._raw.sendall(self._out.read())

    def read_until(self, enough):
        """What has come when enough(it) is true."""
        came = b""
        while not enough(came):
            came += self._until_done(lambda: self._plain.read(65536))
        return came

    def close(self):
        self._raw.close()


@pytest.fixture(name="connect")
def fixture_connect(secure, certificate):
    """connect(): just before it is used, because a connection that says nothing is ended."""
    made = []

    def connect():
        made.append(Records(secure, certificate))
        return made[-1]

    yield connect
    for reader in made:
        reader.close()


def test_the_events_of_one_commit_share_a_record(secure, connect):
    """One record for each would be one encryption and 22 bytes for each."""
    api = secure.api()
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    records = connect()
    records.get(api, "?types=budget.*")
    records.read_until(lambda came: b": connected\n\n" in came)
    before = len(records.sizes)
    life.debit(api, grant, 10)
    records.read_until(lambda came: came.count(b"id: evt_") >= 3)
    assert len(records.sizes) == before + 1


def test_what_is_replayed_comes_in_records_that_are_as_full_as_they_can_be(secure, connect):
    api, most = secure.api(), 16384
    for _ in range(400):
        life.new_grant(api)
    records = connect()
    records.get(api, "?since=2020-01-01T00:00:00Z")
    came = records.read_until(lambda came: came.count(b"id: evt_") >= 800)
    assert len(came) > 10 * most and max(records.sizes) > most // 2
    assert len(records.sizes) <= len(came) / most * 2 + 8, records.sizes


def test_a_web_socket_and_a_body_of_many_records_pass(secure):
    api = secure.api()
    with WsClient(api).opened() as client:
        scopes = [f"scope:{number:03d}:{'ä' * 100}" for number in range(100)]
        life.new_grant(api, scopes=scopes)
        assert client.read_events(2)[0]["data"]["scopes"] == scopes


def test_the_command_follows_over_tls_through_kill_9(start, certificate):
    server = start(*certificate.options)
    command = Program(server, "grantex", "events", "stream", "--since", "2020-01-01T00:00:00Z", GRANTEX_CA_FILE=certificate.certificate)
    try:
        grant = life.new_grant(server.api())
        command.wait_lines(2)
        server.restart()
        life.refresh(server.api(), grant)
        assert [json.loads(line)["seq"] for line in command.wait_lines(3)] == [1, 2, 3]
    finally:
        command.kill()


def test_the_command_does_not_trust_whom_it_does_not_know(secure, tmp_path):
    command = Program(secure, "grantex", "events", "stream", GRANTEX_CA_FILE="")
    try:
        assert command.end() != 0
        errors = command.errors()
        assert "certificate" in errors and "GRANTEX_CA_FILE" in errors
    finally:
        command.kill()


def test_sighup_takes_a_new_certificate_and_lets_those_be_who_are_connected(start, tmp_path):
    first = tls.Certificate(tmp_path, "first")
    second = tls.Certificate(tmp_path, "second", key="rsa")
    server = start(*first.options)
    old = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=build.PATIENCE, context=context(first))
    old.request("GET", "/livez")
    assert old.getresponse().read() and get(server, context(first))[0] == 200
    first.certificate.write_bytes(second.certificate.read_bytes())
    server.process.send_signal(signal.SIGHUP)  # the key does not fit yet
    server.wait_for_log("the certificate in use stays")
    first.key.write_bytes(second.key.read_bytes())
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_log("has been read anew")
    assert get(server, context(second))[0] == 200
    old.request("GET", "/livez")
    assert old.getresponse().read()
    old.close()


def test_a_certificate_that_has_run_out_is_told_at_the_start_and_does_not_take_the_place_of_a_good_one(start, tmp_path):
    good, over = tls.Certificate(tmp_path, "good"), tls.Certificate(tmp_path, "over").run_out()
    start(*over.options).wait_for_log("over.crt has run out on 20")
    server = start(*good.options)
    kept = context(good)
    good.certificate.write_bytes(over.certificate.read_bytes())
    good.key.write_bytes(over.key.read_bytes())
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_log("the certificate in use stays: " + f"{good.certificate} has run out on 20")
    assert get(server, kept)[0] == 200


@pytest.mark.parametrize("options, said", [
    (["--tls-cert", "{cert}"], "--tls-key"),
    (["--tls-key", "{key}"], "--tls-cert"),
    (["--tls-cert", "/nowhere.pem", "--tls-key", "{key}"], "/nowhere.pem: No such file or directory"),
    (["--tls-cert", "{cert}", "--tls-key", "{other}"], "other.key"),
    (["--tls-cert", "{key}", "--tls-key", "{key}"], "127.0.0.1.key: there is no certificate in it (PEM)"),
    (["--tls-cert", "{cert}", "--tls-key", "/dev/null"], "/dev/null: there is no key in it (PEM)"),
    (["--tls-cert", "{cert}", "--tls-key", "{locked}"], "locked.key: it has a passphrase, and nobody is there to be asked"),
])
def test_what_cannot_be_used_is_named_at_the_start(tmp_path, certificate, options, said):
    other = tls.Certificate(tmp_path, "other").key
    locked = tmp_path / "locked.key"
    subprocess.run(["openssl", "ec", "-in", certificate.key, "-aes128", "-passout", "pass:secret", "-out", locked], check=True, capture_output=True)
    filled = [word.format(cert=certificate.certificate, key=certificate.key, other=other, locked=locked) for word in options]
    ended = subprocess.run(
        [build.GRANTEXD, "dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data", *filled], env=build.environment(tmp_path),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert ended.returncode != 0 and said in ended.stderr and ended.stdout == ""


def test_a_first_start_that_fails_by_its_certificate_leaves_no_store(tmp_path):
    ended = subprocess.run(
        [build.GRANTEXD, "serve", "--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"],
        env=build.environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert ended.returncode == 1 and not (tmp_path / "data" / "grantex.db").exists()


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_a_key_of_another_certificate_is_told_with_both_files(tmp_path, certificate, kind):
    other = tls.Certificate(tmp_path, "other").key
    if kind == "RSA":
        subprocess.run(["openssl", "genrsa", "-out", other, "2048"], check=True, capture_output=True)
    ended = subprocess.run(
        [build.GRANTEXD, "dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data", "--tls-cert", certificate.certificate, "--tls-key", other],
        env=build.environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert ended.returncode != 0 and f"{other} is not the key of {certificate.certificate}" in ended.stderr
