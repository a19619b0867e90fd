"""Bytes to a server, and all that comes back, however the connection ends."""

import errno
import socket

from . import build

OVER = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)  # the last has no class of its own: a reset between two calls


def talk_to(host, port, data, half_close=True):
    """Sends the bytes, says that no more will come, and returns what comes until the server has closed."""
    with socket.create_connection((host, port), timeout=build.PATIENCE) as connection:
        answer = b""
        try:
            connection.sendall(data)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except OSError as error:
            if error.errno not in OVER:
                raise
        return answer
