"""A plain Varlink client: one class, one error. Standard library only."""

import json
import socket


class VarlinkError(Exception):
    """An error reply: `name` as on the wire, `parameters` a dict."""

    def __init__(self, name, parameters):
        super().__init__(f"{name} {json.dumps(parameters)}")
        self.name = name
        self.parameters = parameters


class Varlink:
    """One connection to a Varlink socket. Replies come in the order of the calls."""

    def __init__(self, path, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    @staticmethod
    def frame(method, parameters=None, **extra):
        """One call as bytes, with its NUL. `extra`: more, oneway, upgrade."""
        call = {"method": method, "parameters": parameters or {}}
        call.update(extra)
        return json.dumps(call, ensure_ascii=False).encode() + b"\0"

    def send_raw(self, data):
        self.socket.sendall(data)

    def receive_raw(self):
        """The next frame without its NUL; None if the peer closed the connection between frames."""
        while b"\0" not in self._received:
            data = self.socket.recv(65536)
            if not data:
                if self._received:
                    raise ConnectionError(f"the connection ended inside a frame: {self._received[:200]!r}")
                return None
            self._received += data
        frame, self._received = self._received.split(b"\0", 1)
        return frame

    def receive(self):
        """The next reply as a dict, error replies included; None if the peer closed the connection."""
        frame = self.receive_raw()
        return None if frame is None else json.loads(frame)

    def call(self, method, **parameters):
        """The reply's parameters. VarlinkError for an error reply, ConnectionError if the peer closed."""
        self.send_raw(self.frame(method, parameters))
        reply = self.receive()
        if reply is None:
            raise ConnectionError(f"the daemon closed the connection instead of answering {method}")
        if "error" in reply:
            raise VarlinkError(reply["error"], reply.get("parameters", {}))
        return reply.get("parameters", {})

    def pipeline(self, calls):
        """Sends all `calls` ((method, parameters) pairs) before it reads; the replies as dicts."""
        self.send_raw(b"".join(self.frame(method, parameters) for method, parameters in calls))
        return [self.receive() for _ in calls]
