"""A small proxy: CONNECT (RFC 9110) and SOCKS5 (RFC 1928, 1929), with or without a password."""

import base64
import selectors
import socket
import ssl
import struct
import threading
from contextlib import suppress

_CHUNK = 65_536
_OPEN = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n"
_SOCKS, _CONNECT, _NO_AUTH, _PASSWORD = 5, 1, 0, 2
_ADDRESS_SIZES = {1: (socket.AF_INET, 4), 4: (socket.AF_INET6, 16)}


class EgressProxy:
    """`targets`: what it was asked to connect to, as `host:port`. `heads`: of CONNECT requests.
    `status`, `reply`: responses of CONNECT and SOCKS5 that refuse; 0 connects."""

    def __init__(
        self, *, username: str = "", password: str = "", tls: ssl.SSLContext | None = None
    ) -> None:
        self.targets: list[str] = []
        self.heads: list[bytes] = []
        self.status = self.reply = 0
        self.connections = 0
        self._login = (username, password) if username else None
        self._tls = tls
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._server.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._tls is not None:
                near = self._tls.wrap_socket(near, server_side=True)
                self._open.append(near)
            with near:
                is_socks = self._tls is None and near.recv(1, socket.MSG_PEEK) == bytes([_SOCKS])
                far = self._socks(near) if is_socks else self._connect(near)
                if far is not None:
                    with far:
                        _forward(near, far)

    def _reach(self, host: str, port: int) -> socket.socket:
        self.targets.append(f"{host}:{port}")
        far = socket.create_connection((host, port), timeout=45)
        self._open.append(far)
        return far

    def _connect(self, near: socket.socket) -> socket.socket | None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += near.recv(1) or _closed()
        self.heads.append(head)
        method, target, _ = head.split(b" ", 2)
        assert method == b"CONNECT"
        host, _, port = target.decode().rpartition(":")
        if self._login is not None:
            expected = base64.b64encode(":".join(self._login).encode())
            if b"Proxy-Authorization: Basic " + expected not in head:
                near.sendall(b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n")
                return None
        if self.status:
            self.targets.append(target.decode())
            near.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % self.status)
            return None
        try:
            far = self._reach(host.strip("[]"), int(port))
        except OSError:
            near.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return None
        near.sendall(_OPEN)
        return far

    def _socks(self, near: socket.socket) -> socket.socket | None:
        _, count = _read(near, 2)
        methods = _read(near, count)
        method = _NO_AUTH if self._login is None else _PASSWORD
        if method not in methods:
            near.sendall(bytes([_SOCKS, 0xFF]))
            return None
        near.sendall(bytes([_SOCKS, method]))
        if self._login is not None and not self._checks(near):
            return None
        _, command, _, kind = _read(near, 4)
        assert command == _CONNECT
        if kind not in _ADDRESS_SIZES:
            name = _read(near, _read(near, 1)[0])
            self.targets.append(f"a name: {name!r}")
            return None
        family, size = _ADDRESS_SIZES[kind]
        host = socket.inet_ntop(family, _read(near, size))
        [port] = struct.unpack("!H", _read(near, 2))
        reply, far = self.reply, None
        if reply:
            self.targets.append(f"{host}:{port}")
        else:
            try:
                far = self._reach(host, port)
            except ConnectionRefusedError:
                reply = 5
        near.sendall(bytes([_SOCKS, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        return far

    def _checks(self, near: socket.socket) -> bool:
        _, size = _read(near, 2)
        username = _read(near, size).decode()
        password = _read(near, _read(near, 1)[0]).decode()
        is_right = (username, password) == self._login
        near.sendall(bytes([1, 0 if is_right else 1]))
        return is_right


def _closed() -> bytes:
    raise OSError("closed")


def _read(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += source.recv(size - len(data)) or _closed()
    return data


def _forward(near: socket.socket, far: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ, far)
        selector.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(_CHUNK)
                if not data:
                    return
                key.data.sendall(data)
