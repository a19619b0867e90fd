"""Ports that stay with their test. Tests run beside each other, and a server that is killed and started again wants the port that it had."""

import os
import socket
import weakref


def _bound(port):
    """It never listens, so whoever sets SO_REUSEADDR, as servers do, may bind the port as well and listen (socket(7)); but the kernel
    gives the port to nobody who asks for just any."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # beside one who listens already
    try:
        held.bind(("127.0.0.1", port))
    except OSError:
        held.close()
        raise
    return held


_kept = []


def free_port():
    """For a program that has to be told one: kept until the tests end."""
    _kept.append(_bound(0))
    return _kept[-1].getsockname()[1]


def hold(port, owner):
    """The port of a server that listens there, for as long as the owner lives. True where that could be: not where the server shares its port
    with nobody, because it has dropped its privileges."""
    try:
        held = _bound(port)
    except OSError:
        return False
    weakref.finalize(owner, os.close, held.detach())
    return True
