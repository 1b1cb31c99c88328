"""A DNS server on loopback with the records that a test sets."""

import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28
NXDOMAIN, SERVFAIL = 3, 2


class NameServer:
    """names: addresses by name; an empty list means no address records, a missing name NXDOMAIN.
    silent: names without any response. broken: names with SERVFAIL. queries: each queried name; a
    query that was repeated because a busy machine was late counts once."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.queries: list[str] = []
        self._seen: set[bytes] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # An empty datagram ends the thread.
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            query, peer = self._socket.recvfrom(4096)
            if not query:
                return
            response = self._respond(query)
            if response is not None:
                self._socket.sendto(response, peer)

    def _respond(self, query: bytes) -> bytes | None:
        name, end = _read_name(query)
        kind = struct.unpack_from("!H", query, end)[0]
        if query not in self._seen:
            self._seen.add(query)
            self.queries.append(name)
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
    records = []
    for text in addresses:
        packed = ipaddress.ip_address(text).packed
        if (kind, len(packed)) in {(A, 4), (AAAA, 16)}:
            records.append(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 30, len(packed)) + packed)
    return records
