"""The proxy that outgoing requests go through, parsed from DELIVERY_PROXY."""

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

SCHEMES = ("http", "https", "socks5")
EXAMPLE = "http://user:password@proxy.example.com:3128 or socks5://proxy.example.com:1080"
# A field of a SOCKS5 request.
_MAX_CREDENTIAL = 255


@dataclass(frozen=True, slots=True, repr=False)
class Proxy:
    """scheme: `http` and `https` (TLS as far as the proxy) take CONNECT, `socks5` takes SOCKS5.
    username, password: "" without credentials."""

    scheme: str
    host: str
    port: int
    username: str
    password: str

    @property
    def url(self) -> str:
        """Without credentials, as libcurl takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        """For people and logs: without the password."""
        user = f"{self.username}:***@" if self.username else ""
        return self.url.replace("://", f"://{user}", 1)


def parse_proxy(url: str) -> Proxy:
    """Raises ValueError with a sentence that does not contain the password."""
    parts = urlsplit(url)
    if parts.scheme == "socks5h":
        raise ValueError("use socks5: Callboard resolves and checks the names of receivers itself")
    if parts.scheme not in SCHEMES:
        raise ValueError(f"it must start with {', '.join(f'{name}://' for name in SCHEMES)}")
    port = _port(parts)
    if not parts.hostname:
        raise ValueError("the host is missing")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("nothing may follow the port")
    username, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password and not username:
        raise ValueError("a password needs a user name")
    for text in (username, password):
        if len(text.encode()) > _MAX_CREDENTIAL or (text and not text.isprintable()):
            raise ValueError(f"user name and password have at most {_MAX_CREDENTIAL} bytes")
    if ":" in username:
        raise ValueError("the user name cannot contain a colon")
    return Proxy(parts.scheme, parts.hostname, port, username, password)


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        # The original message would show part of a password that contains a slash.
        raise ValueError("invalid port; a / in a password is written %2F") from None
    if not port:
        raise ValueError("the port is missing")
    return port
