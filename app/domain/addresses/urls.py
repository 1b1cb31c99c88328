"""Check URLs that deliveries are sent to.

`check_url` checks the text; `refusal` checks an address, again before every connection. Every
blocked address gives the same sentence, so tenants cannot use it to scan a network.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import idna

from app.domain.addresses.ranges import REFUSED, REFUSED_REMEDY, Address, Network, refusal
from app.domain.common.errors import Invalid, invalid

__all__ = ["Address", "CheckedUrl", "Network", "check_resolved", "check_url", "refusal", "refused"]

MAX_URL = 2048
MAX_HOST = 253
RIGHT_URL = "Use a complete URL such as https://example.com/hook."


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """url: as requested: scheme and host in lower case, the host in ASCII, no fragment, other
    non-ASCII characters percent-encoded, the rest unchanged.
    host: without brackets. literal: the address if the host is one; 127.0.0.1 for localhost."""

    url: str
    scheme: str
    host: str
    port: int
    literal: Address | None

    @property
    def origin(self) -> str:
        """Scheme, host and port; the scheme's default port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if is_default else f":{self.port}")


_PORTS = {"http": 80, "https": 443}
_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
# A label neither begins nor ends with a hyphen.
_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Surrogates cannot be encoded.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]|\s")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def check_url(text: object, field: str = "url") -> CheckedUrl:
    """Return the URL as it will be requested. Raises Invalid if it is malformed or ambiguous.

    A CheckedUrl is returned unchanged, so that a caller that needs its parts parses it only once.
    This does not check the address behind it: see `refusal`.
    """
    if isinstance(text, CheckedUrl):
        return text
    if not isinstance(text, str):
        raise invalid(field, "type", "Not a string.", RIGHT_URL)
    _check_characters(text, field)
    shape = _SHAPE.fullmatch(text)
    if shape is None or not shape["authority"]:
        _refuse(field, "Not a complete URL.", RIGHT_URL)
    scheme = shape["scheme"].lower()
    if scheme not in _PORTS:
        _refuse(field, f"Unsupported scheme {scheme[:20]}.", "Use http or https.")
    host, port, literal = _split_authority(shape["authority"], scheme, field)
    rest = _BEYOND_ASCII.sub(_percent_encoded, shape["rest"].partition("#")[0])
    shown = f"[{host}]" if ":" in host else host
    given_port = f":{port}" if shape["authority"].endswith(f":{port}") else ""
    url = f"{scheme}://{shown}{given_port}{rest}"
    _check_length(url, field)
    return CheckedUrl(url, scheme, host, port, literal)


def refused(field: str = "url") -> Invalid:
    return invalid(field, "address", REFUSED, REFUSED_REMEDY)


def check_resolved(
    addresses: Sequence[Address], allows: Callable[[Address], bool], field: str = "url"
) -> None:
    """Raise Invalid if all of the host's addresses are blocked. A host without addresses passes: it
    is resolved again before every connection."""
    if addresses and not any(allows(address) for address in addresses):
        raise refused(field)


def _refuse(field: str, problem: str, remedy: str) -> NoReturn:
    raise invalid(field, "url", problem, remedy)


def _percent_encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _check_length(text: str, field: str) -> None:
    if len(text) > MAX_URL:
        problem = f"It has {len(text)} characters."
        raise invalid(field, "length", problem, f"Use a URL of at most {MAX_URL} characters.")


def _check_characters(text: str, field: str) -> None:
    if not text:
        raise invalid(field, "required", "The URL is missing.", RIGHT_URL)
    _check_length(text, field)
    match = _FORBIDDEN.search(text)
    if match is not None:
        problem = f"It contains U+{ord(match[0]):04X}, white space or a control character."
        _refuse(field, problem, "Remove it or percent-encode it, as in %20.")
    if "\\" in text:
        _refuse(field, "It contains a backslash.", "Separate segments with /, or write %5C.")


def _split_authority(authority: str, scheme: str, field: str) -> tuple[str, int, Address | None]:
    if "@" in authority:
        _refuse(field, "It contains a user name or a password.", "Send credentials in a header.")
    if "%" in authority:
        _refuse(field, "The host contains a percent sign.", "Write the host without encoding.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts["host"]:
        _refuse(field, "Invalid host.", RIGHT_URL)
    host, literal = _read_host(parts["host"], field)
    return host, _read_port(parts["port"], scheme, field), literal


def _read_port(port: str | None, scheme: str, field: str) -> int:
    if port is None:
        return _PORTS[scheme]
    if _PORT.fullmatch(port) is None or int(port) > 65535:
        _refuse(field, "Invalid port.", "Use a port from 1 to 65535.")
    return int(port)


def _read_host(host: str, field: str) -> tuple[str, Address | None]:
    if host.startswith("["):
        return _read_ipv6(host[1:-1], field)
    name = _ascii_name(host, field)
    if name == "localhost" or name.endswith(".localhost"):
        return name, ipaddress.IPv4Address("127.0.0.1")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) is None:
        return name, None
    try:
        return name, ipaddress.IPv4Address(name)
    except ValueError:
        _refuse(
            field,
            "The host is a number, but not an IPv4 address.",
            "Write IPv4 addresses as in 192.0.2.1, or use a host name.",
        )


def _read_ipv6(text: str, field: str) -> tuple[str, Address]:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        _refuse(field, "The host is not an IPv6 address.", "Write it as in [2606:4700::1111].")
    return str(address), address


def _ascii_name(host: str, field: str) -> str:
    """Return the host for DNS: mapped by UTS 46, in A-labels, without the trailing dot."""
    remedy = "Use a name of letters, digits, hyphens and dots, such as example.com."
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        labels = mapped.removesuffix(".").split(".")
        name = ".".join(label if label.isascii() else _a_label(label) for label in labels)
    except (idna.IDNAError, UnicodeError):
        _refuse(field, "The host is not a valid name.", remedy)
    if len(name) > MAX_HOST or _HOST.fullmatch(name) is None:
        _refuse(field, "The host is not a valid name.", remedy)
    return name


def _a_label(label: str) -> str:
    return idna.alabel(label).decode("ascii")
