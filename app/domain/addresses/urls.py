"""Where a delivery may be sent: what a URL must look like, and which addresses may be called.

`check_url` is about the text; `refusal` is about an address, asked again at every connect. What a
tenant is told about a refused address is one sentence whatever is behind it, so that nobody scans
a network with it.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import idna

from app.domain.addresses.ranges import REFUSED, REFUSED_REMEDY, Address, Network, refusal
from app.domain.common.errors import Invalid, invalid

__all__ = ["Address", "CheckedUrl", "Network", "check_found", "check_url", "refusal", "refused"]

MAX_URL = 2048
MAX_HOST = 253
RIGHT_URL = "Give a whole URL such as https://example.com/hook."


@dataclass(frozen=True, slots=True)
class CheckedUrl:
    """url: as it is requested: scheme and host in lower case, the host in ASCII, no fragment, other
    characters beyond ASCII percent-encoded, the rest byte for byte as given.
    host: without brackets. literal: the address when the host is one; 127.0.0.1 for localhost."""

    url: str
    scheme: str
    host: str
    port: int
    literal: Address | None

    @property
    def origin(self) -> str:
        """Scheme, host and port, without the port that the scheme implies."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        implied = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if implied else f":{self.port}")


_PORTS = {"http": 80, "https": 443}
_SHAPE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Surrogates are no characters: they cannot be encoded.
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]|\s")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def check_url(text: object, field: str = "url") -> CheckedUrl:
    """The URL as it will be requested. Invalid when it is none, or one that hides where it leads.

    Whether its address may be called is another question: see `refusal`."""
    if not isinstance(text, str):
        raise invalid(field, "type", "It is not text.", RIGHT_URL)
    _check_characters(text, field)
    shape = _SHAPE.fullmatch(text)
    if shape is None or not shape["authority"]:
        _refuse(field, "It is not a whole URL.", RIGHT_URL)
    scheme = shape["scheme"].lower()
    if scheme not in _PORTS:
        _refuse(field, f"Its scheme is {scheme[:20]}.", "Use http or https.")
    host, port, literal = _split_authority(shape["authority"], scheme, field)
    rest = _BEYOND_ASCII.sub(_percent_encoded, shape["rest"].partition("#")[0])
    shown = f"[{host}]" if ":" in host else host
    given_port = f":{port}" if shape["authority"].endswith(f":{port}") else ""
    url = f"{scheme}://{shown}{given_port}{rest}"
    _check_length(url, field)
    return CheckedUrl(url, scheme, host, port, literal)


def refused(field: str = "url") -> Invalid:
    return invalid(field, "address", REFUSED, REFUSED_REMEDY)


def check_found(
    found: Sequence[Address], allows: Callable[[Address], bool], field: str = "url"
) -> None:
    """Refuse a host of which each address found is refused; one of which none is found passes,
    since it is looked up again at every connect. Raises Invalid."""
    if found and not any(allows(address) for address in found):
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
        raise invalid(field, "required", "There is no URL.", RIGHT_URL)
    _check_length(text, field)
    unfit = _UNFIT.search(text)
    if unfit is not None:
        problem = f"It holds U+{ord(unfit[0]):04X}, white space or a control character."
        _refuse(field, problem, "Take it out, or percent-encode it, as in %20.")
    if "\\" in text:
        _refuse(field, "It holds a backslash.", "Use / between parts, and %5C for a backslash.")


def _split_authority(authority: str, scheme: str, field: str) -> tuple[str, int, Address | None]:
    if "@" in authority:
        _refuse(field, "It holds a user name or a password.", "Put credentials into a header.")
    if "%" in authority:
        _refuse(field, "Its host holds a percent sign.", "Write the host out.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None or not parts["host"]:
        _refuse(field, "Its host cannot be read.", RIGHT_URL)
    host, literal = _read_host(parts["host"], field)
    return host, _read_port(parts["port"], scheme, field), literal


def _read_port(port: str | None, scheme: str, field: str) -> int:
    if port is None:
        return _PORTS[scheme]
    if _PORT.fullmatch(port) is None or int(port) > 65535:
        _refuse(field, "Its port is not one.", "Use a port from 1 to 65535.")
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
            "Its host is a number that is no plain address.",
            "Write an address as four decimal numbers, as in 192.0.2.1, or use a name.",
        )


def _read_ipv6(text: str, field: str) -> tuple[str, Address]:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        _refuse(field, "Its host is not an IPv6 address.", "Write it as in [2606:4700::1111].")
    return str(address), address


def _ascii_name(host: str, field: str) -> str:
    """The host as DNS knows it: mapped by UTS 46, in A-labels, without its trailing dot."""
    right = "Use a name of letters, digits, hyphens and dots, such as example.com."
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        labels = mapped.removesuffix(".").split(".")
        name = ".".join(label if label.isascii() else _a_label(label) for label in labels)
    except (idna.IDNAError, UnicodeError):
        _refuse(field, "Its host is not a name.", right)
    if len(name) > MAX_HOST or _HOST.fullmatch(name) is None:
        _refuse(field, "Its host is not a name.", right)
    return name


def _a_label(label: str) -> str:
    return idna.alabel(label).decode("ascii")
