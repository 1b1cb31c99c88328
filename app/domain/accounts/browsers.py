"""Recognize a browser that a person has signed in with before."""

import hashlib
import re
from ipaddress import IPv6Address, ip_address, ip_network

# A sign-in with it that long ago is forgotten.
KNOWN_MS = 180 * 86_400_000

# A new version is not a new browser.
_VERSIONS = re.compile(r"[\d._]+")


def browser_digest(agent: str, address: str | None) -> str:
    """SHA-256 in hex of a browser without its version and of the network it is in."""
    return hashlib.sha256(f"{_VERSIONS.sub('', agent)}\n{network(address)}".encode()).hexdigest()


def network(address: str | None) -> str:
    """The /24 of an IPv4 address, or the /48 of an IPv6 address; "" if it is neither."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = 24 if parsed.version == 4 else 48
    return str(ip_network((str(parsed), bits), strict=False))
