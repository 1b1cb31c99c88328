"""Networks from which an API key may be used."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.domain.common.errors import FieldError, Invalid, invalid

Network = IPv4Network | IPv6Network

MAX_NETWORKS = 50


def check_networks(value: object, field: str = "allowed_networks") -> list[str] | None:
    """Return the networks as CIDR, without repeats; None means from everywhere. A bare address is
    a network of one. Raises Invalid with an error for each wrong entry."""
    if value is None:
        return None
    remedy = "List networks such as 203.0.113.0/24 or 2001:db8::/32, or omit the field for all."
    if not isinstance(value, list) or not value:
        raise invalid(field, "type", "Not a list with at least one entry.", remedy)
    if len(value) > MAX_NETWORKS:
        raise invalid(field, "length", f"More than {MAX_NETWORKS} entries.", remedy)
    networks: dict[str, None] = {}
    errors = []
    for index, item in enumerate(value):
        try:
            networks[str(_network(item))] = None
        except ValueError as error:
            errors.append(FieldError(f"{field}[{index}]", "network", f"{error}", remedy))
    if errors:
        raise Invalid(errors)
    return list(networks)


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """From what `check_networks` returned."""
    return tuple(ip_network(text) for text in texts)


def is_inside(address: str | None, networks: Iterable[Network]) -> bool:
    """False if the address is unknown. An IPv4 address in an IPv6 socket counts as IPv4."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks)


def _network(item: object) -> Network:
    """Raises ValueError with a sentence for people."""
    text = item.strip() if isinstance(item, str) else ""
    # A zone such as %eth0 belongs to a machine and not to an address.
    if not text or len(text) > 50 or "%" in text:
        raise ValueError("Not a network.")
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text} is not a network.") from None
    address, _, prefix = text.partition("/")
    if prefix and ip_address(address) != network.network_address:
        raise ValueError(f"{text} has bits after the prefix. Use {network}.")
    return network
