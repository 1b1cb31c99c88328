"""Private addresses that an installation permits, as ALLOWED_PRIVATE_NETWORKS lists them."""

import ipaddress
import re
from dataclasses import dataclass

from app.domain.addresses.ranges import Address, Network

_WITH_PORT = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class PrivateTarget:
    """A network, on every port or, if `port` is set, on that one."""

    network: Network
    port: int | None = None

    def __str__(self) -> str:
        """Return the notation of the setting."""
        if self.port is None:
            return str(self.network)
        address = self.network.network_address
        return f"[{address}]:{self.port}" if address.version == 6 else f"{address}:{self.port}"

    def covers(self, address: Address, port: int | None) -> bool:
        """port: None means every port, which a target with a port never covers."""
        return address in self.network and self.port in (None, port)


def parse_target(text: str) -> PrivateTarget:
    """`10.0.0.0/8`, `127.0.0.1:9000` or `[::1]:9000`. ValueError for anything else."""
    match = _WITH_PORT.fullmatch(text)
    if match is None:
        return PrivateTarget(ipaddress.ip_network(text))
    port = int(match["port"])
    if not 1 <= port <= 65535:
        raise ValueError(f"port {port} is out of range")
    return PrivateTarget(ipaddress.ip_network(match["v6"] or match["v4"]), port)


def parse_targets(text: str) -> tuple[PrivateTarget, ...]:
    """A comma-separated list. ValueError for the first that is invalid."""
    parts = (part.strip() for part in text.split(","))
    return tuple(parse_target(part) for part in parts if part)
