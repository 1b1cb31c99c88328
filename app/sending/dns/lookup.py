"""What a look-up of a name brought."""

from dataclasses import dataclass

import pycares

# An answer serves for its own time to live, within these bounds: seconds.
SHORTEST, LONGEST = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """addresses: all that were found, unchecked. cause: empty, or a code of domain.causes."""

    addresses: tuple[str, ...] = ()
    cause: str = ""
    detail: str = ""


_NOT_FOUND = Answer((), "dns", "there is no such name")
_NO_ADDRESS = Answer((), "dns", "the name has no address")
_SILENT = Answer((), "timeout_dns", "no name server answered")
_FAILED = Answer((), "dns", "the name servers could not answer")
_BY_STATUS = {
    pycares.errno.ARES_ENOTFOUND: _NOT_FOUND,
    pycares.errno.ARES_ENODATA: _NO_ADDRESS,
    pycares.errno.ARES_EBADNAME: _NOT_FOUND,
    pycares.errno.ARES_ETIMEOUT: _SILENT,
}


def read_answer(result: pycares.AddrInfoResult | None, status: int | None) -> tuple[Answer, float]:
    """The answer, and for how many seconds it may be given again."""
    if result is None:
        return _BY_STATUS.get(status or 0, _FAILED), 0.0
    found = dict.fromkeys(node.addr[0].decode() for node in result.nodes)
    if not found:
        return _NO_ADDRESS, 0.0
    seconds = min(node.ttl for node in result.nodes)
    return Answer(tuple(found)), min(max(float(seconds), SHORTEST), LONGEST)
