"""A DNS server on loopback that answers as a test tells it."""

import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28
NXDOMAIN, SERVFAIL = 3, 2


class NameServer:
    """names: to their addresses; a name with none has no address, one that is not there does not
    exist, one in `silent` is never answered. `asked` holds each question's name."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # An empty datagram is the sign to end.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, peer = self._socket.recvfrom(4096)
            if not query:
                return
            answer = self._answer(query)
            if answer is not None:
                self._socket.sendto(answer, peer)

    def _answer(self, query: bytes) -> bytes | None:
        name, end = _read_name(query)
        kind = struct.unpack_from("!H", query, end)[0]
        self.asked.append(name)
        if name in self.silent:
            return None
        code = SERVFAIL if name in self.broken else 0 if name in self.names else NXDOMAIN
        records = [] if code else _records(self.names[name], kind)
        flags = 0x8180 | code
        header = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0)
        return header + query[12 : end + 4] + b"".join(records)


def _read_name(query: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels).lower(), at + 1


def _records(addresses: list[str], kind: int) -> list[bytes]:
    found = []
    for text in addresses:
        packed = ipaddress.ip_address(text).packed
        if (kind, len(packed)) in {(A, 4), (AAAA, 16)}:
            found.append(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 30, len(packed)) + packed)
    return found
