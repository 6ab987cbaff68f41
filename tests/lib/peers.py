"""Connections of other local users. Only root can make them."""

import os
import socket

from varlink import Varlink

__all__ = ["connect_as"]


def _connect(path, uid, gid, groups, way_back):
    """In the child: becomes the user and connects; the kernel keeps for the socket who connected it."""
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        socket.send_fds(way_back, [b"c"], [connection.fileno()])


class _Adopted(Varlink):
    """A Varlink client over a socket that somebody else connected."""

    def __init__(self, connection, timeout=60):  # the base class would connect
        self.socket = connection
        self.socket.settimeout(timeout)
        self._received = b""


def connect_as(path, uid, gid, groups=()):
    """A Varlink connection whose peer credentials are these ids. PermissionError if that user may not connect."""
    here, there = socket.socketpair()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            here.close()
            _connect(path, uid, gid, list(groups), there)
            status = 0
        except PermissionError:
            status = 2
        finally:
            os._exit(status)
    there.close()
    with here:
        _, descriptors, _, _ = socket.recv_fds(here, 1, 1)
    _, status = os.waitpid(child, 0)
    if not descriptors:
        failure = PermissionError if os.waitstatus_to_exitcode(status) == 2 else OSError
        raise failure(f"uid {uid} cannot connect to {path}")
    return _Adopted(socket.socket(fileno=descriptors[0]))
