"""Certificates for the tests, and connections to a URL, whatever it speaks. GRANTEX_TEST_TLS=1: every server speaks TLS."""

import atexit
import functools
import http.client
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import urllib.parse

EVERYWHERE = bool(os.environ.get("GRANTEX_TEST_TLS"))


class Certificate:
    def __init__(self, folder, name="127.0.0.1", key="ec"):
        self.certificate, self.key = folder / f"{name}.crt", folder / f"{name}.key"
        kind = ["-newkey", "rsa:2048"] if key == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        subprocess.run(
            ["openssl", "req", "-x509", *kind, "-nodes", "-days", "7", "-subj", f"/CN={name}", "-addext",
             "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True,
        )

    def run_out(self):
        """The same, but that it ended yesterday."""
        with tempfile.NamedTemporaryFile() as request:
            for command in (["x509", "-x509toreq", "-in", self.certificate, "-signkey", self.key, "-out", request.name],
                            ["x509", "-req", "-in", request.name, "-signkey", self.key, "-days", "-1", "-out", self.certificate]):
                subprocess.run(["openssl", *command], check=True, capture_output=True)
        return self

    @property
    def options(self):
        return ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]


@functools.lru_cache(maxsize=None)
def common():
    """The one that the servers of a run share."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="grantex-tls-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Certificate(folder)


def trusting(certificate):
    context = ssl.create_default_context(cafile=str(certificate.certificate))
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


@functools.lru_cache(maxsize=None)
def _common_context():
    return trusting(common())


def connect(url, timeout, receive_buffer=None):
    """A socket to the server at `url`."""
    parts = urllib.parse.urlsplit(url)
    plain = socket.socket()
    plain.settimeout(timeout)
    if receive_buffer:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        plain.connect((parts.hostname, parts.port))
        return _common_context().wrap_socket(plain, server_hostname=parts.hostname) if parts.scheme == "https" else plain
    except BaseException:
        plain.close()
        raise


def http_connection(url, timeout):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=_common_context())
    return http.client.HTTPConnection(parts.netloc, timeout=timeout)
