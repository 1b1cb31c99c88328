"""The result of a DNS lookup."""

from dataclasses import dataclass

import pycares

# Seconds. A result is cached for its time to live, within these bounds.
SHORTEST, LONGEST = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Resolution:
    """addresses: unchecked by the guard. cause: empty, or a key of CAUSES."""

    addresses: tuple[str, ...] = ()
    cause: str = ""
    detail: str = ""


_NOT_FOUND = Resolution((), "dns", "host not found")
_NO_ADDRESS = Resolution((), "dns", "host has no A or AAAA record")
_NO_RESPONSE = Resolution((), "timeout_dns", "no response from the name servers")
_FAILED = Resolution((), "dns", "the name servers returned an error")
_BY_STATUS = {
    pycares.errno.ARES_ENOTFOUND: _NOT_FOUND,
    pycares.errno.ARES_ENODATA: _NO_ADDRESS,
    pycares.errno.ARES_EBADNAME: _NOT_FOUND,
    pycares.errno.ARES_ETIMEOUT: _NO_RESPONSE,
}


def read_result(
    result: pycares.AddrInfoResult | None, status: int | None
) -> tuple[Resolution, float]:
    """Return the resolution, and for how many seconds it may be cached (0: not at all)."""
    if result is None:
        return _BY_STATUS.get(status or 0, _FAILED), 0.0
    addresses = tuple(dict.fromkeys(node.addr[0].decode() for node in result.nodes))
    if not addresses:
        return _NO_ADDRESS, 0.0
    seconds = min(node.ttl for node in result.nodes)
    return Resolution(addresses), min(max(float(seconds), SHORTEST), LONGEST)
