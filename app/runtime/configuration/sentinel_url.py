"""REDIS_URL for Redis Sentinel:
redis+sentinel://[user:password@]host1:26379,host2:26379/service[/database][?parameters]"""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

# Without user:password@, which logs hide.
FORM = "redis+sentinel://host1:26379,host2:26379/service/0"
# Schemes, and that of one server.
_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
_DEFAULT_PORT = 26379
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:@/\[\]%]+)(?::(?P<port>[0-9]{1,5}))?")
# What Redis accepts as the name of a service.
_SERVICE = re.compile(r"[A-Za-z0-9._-]+")
_PATH = re.compile(r"(?P<service>[^/]+)(?:/(?P<database>[0-9]{0,9}))?/?")
_CREDENTIALS = ("sentinel_username", "sentinel_password")
# Parameters that also apply to connections to sentinels.
_SHARED = ("ssl_", "socket_", "protocol")


@dataclass(frozen=True, slots=True)
class SentinelUrl:
    """sentinels: a `redis://` or `rediss://` URL each. ports: of the sentinels. service: the name
    under which they know the master. server: the URL of the master, without its host and port."""

    sentinels: tuple[str, ...] = field(repr=False)
    ports: frozenset[int]
    service: str
    server: str = field(repr=False)

    @property
    def is_tls(self) -> bool:
        return self.server.startswith("rediss:")


def names_sentinels(url: str) -> bool:
    return url.partition("://")[0] in _SCHEMES


def parse_sentinel_url(url: str) -> SentinelUrl:
    """ValueError, without the URL, which holds passwords."""
    address, _, text = url.partition("?")
    scheme, _, rest = address.partition("://")
    authority, _, path = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    match = _PATH.fullmatch(path)
    service = unquote(match["service"]) if match else ""
    if scheme not in _SCHEMES or match is None or not _SERVICE.fullmatch(service) or "#" in url:
        raise ValueError("not a URL of a service")
    own, shared, rest_of_query = _parameters(text)
    query = f"?{urlencode(shared)}" if shared else ""
    addresses = [_address(part) for part in hosts.split(",")]
    plain = _SCHEMES[scheme]
    server_query = f"?{urlencode(rest_of_query)}" if rest_of_query else ""
    return SentinelUrl(
        tuple(f"{plain}://{own}{host}:{port}{query}" for host, port in addresses),
        frozenset(port for _, port in addresses),
        service,
        f"{plain}://{credentials}{at}/{match['database'] or 0}{server_query}",
    )


def _address(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text)
    port = int((match and match["port"]) or _DEFAULT_PORT)
    if match is None or not 0 < port < 65_536:
        raise ValueError("not an address of a sentinel")
    return match["host"], port


def _parameters(text: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Credentials of the sentinels as a part of their URLs, parameters for the sentinels, and those
    for the server."""
    query = dict(parse_qsl(text, keep_blank_values=True))
    user, password = (query.pop(name, "") for name in _CREDENTIALS)
    if user and not password:
        raise ValueError("a user without a password")
    own = f"{quote(user, safe='')}:{quote(password, safe='')}@" if password else ""
    return own, {name: value for name, value in query.items() if name.startswith(_SHARED)}, query
