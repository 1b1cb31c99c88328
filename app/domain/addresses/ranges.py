"""Addresses that requests may go to: the public internet and permitted private targets."""

import ipaddress
from collections.abc import Iterable
from typing import Protocol

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

REFUSED = "Blocked address: requests from here to this address are not allowed."
REFUSED_REMEDY = (
    "Use an address on the public internet, or ask the operator to add its network to"
    " ALLOWED_PRIVATE_NETWORKS."
)

# The complete special-purpose registry. ipaddress.is_private will not do: it differs between Python
# versions and does not cover shared address space (100.64.0.0/10). 168.63.129.16 serves a cloud's
# metadata.
_REFUSED_IPV4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24"
    " 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
    " 224.0.0.0/4 168.63.129.16/32 240.0.0.0/4"
)
# Cloud metadata services, which hand out credentials. Blocked even if an allowed network contains
# them.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google Cloud and others
        "169.254.170.2",  # AWS ECS credentials
        "168.63.129.16",  # Azure
        "100.100.100.200",  # Alibaba Cloud
        "192.0.0.192",  # Oracle Cloud
        "fd00:ec2::254",  # AWS over IPv6
        "fd20:ce::254",  # Google Cloud over IPv6
    )
)


class Target(Protocol):
    """See app/domain/addresses/private.py."""

    def covers(self, address: Address, port: int | None) -> bool: ...


_GLOBAL_IPV6 = "2000::/3"
# Teredo (2001::/32) is part of 2001::/23, and 6to4 is 2002::/16. All other forms that embed an IPv4
# address lie outside 2000::/3, except for ISATAP, which is recognized by its interface id.
_REFUSED_IPV6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20"


def refusal(
    address: Address, allowed: Iterable[Target] = (), port: int | None = None
) -> str | None:
    """Return the sentence for a blocked address, or None if the address is allowed.

    allowed: permitted private targets. An IPv6 address that embeds a blocked IPv4 address is
    blocked even if an allowed IPv6 network contains it. METADATA is always blocked.
    """
    return None if _is_callable(address, tuple(allowed), port) else REFUSED


def _masks(networks: str) -> tuple[tuple[int, int], ...]:
    parsed = (ipaddress.ip_network(text) for text in networks.split())
    return tuple((int(net.network_address), int(net.netmask)) for net in parsed)


_IPV4_MASKS = _masks(_REFUSED_IPV4)
_IPV6_MASKS = _masks(_REFUSED_IPV6)
_IPV6_GLOBAL = _masks(_GLOBAL_IPV6)


def _within(value: int, masks: tuple[tuple[int, int], ...]) -> bool:
    return any(value & mask == network for network, mask in masks)


def _is_callable(address: Address, allowed: tuple[Target, ...], port: int | None) -> bool:
    if address in METADATA:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return not _within(int(address), _IPV4_MASKS) or _is_listed(address, allowed, port)
    embedded = _embedded_ipv4(address)
    if embedded is not None and not _is_callable(embedded, allowed, port):
        return False
    is_global = _within(int(address), _IPV6_GLOBAL) and not _within(int(address), _IPV6_MASKS)
    return is_global or _is_listed(address, allowed, port)


def _is_listed(address: Address, allowed: tuple[Target, ...], port: int | None) -> bool:
    return any(target.covers(address, port) for target in allowed)


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a mapped, compatible, translated or tunnelled one."""
    value = int(address)
    low = ipaddress.IPv4Address(value & 0xFFFF_FFFF)
    if value >> 112 == 0x2002:
        return ipaddress.IPv4Address(value >> 80 & 0xFFFF_FFFF)
    if value >> 96 == 0x2001_0000:
        return ipaddress.IPv4Address(~value & 0xFFFF_FFFF)
    is_isatap = value >> 32 & 0xFDFF_FFFF == 0x0000_5EFE
    is_embedding = value >> 32 in _EMBEDDING_PREFIXES or value >> 80 == 0x64_FF9B_0001 or is_isatap
    return low if is_embedding and value > 1 else None


# The upper 96 bits of compatible, mapped, translated (RFC 2765) and NAT64 addresses.
_EMBEDDING_PREFIXES = frozenset({0, 0xFFFF, 0xFFFF_0000, 0x0064_FF9B << 64})
