"""Bytes to a server, and all that comes back, however the connection ends."""

import contextlib
import errno
import socket

from . import build

OVER = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)  # the last has no class of its own: a reset between two calls


def talk_to(host, port, data, half_close=True):
    """Sends the bytes, says that no more will come, and returns what comes until the server has closed."""
    with socket.create_connection((host, port), timeout=build.PATIENCE) as connection:
        answer = b""
        with _until_over():  # who refuses it may have answered, and gone, before all of it was sent
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        with _until_over():
            while piece := connection.recv(65536):
                answer += piece
        return answer


@contextlib.contextmanager
def _until_over():
    try:
        yield
    except OSError as error:
        if error.errno not in OVER:
            raise
