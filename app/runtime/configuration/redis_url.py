"""Where Redis is: the complete URL, with the embedded one's password or the files of TLS."""

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from app.runtime.configuration.environment import ConfigError
from app.runtime.configuration.redis_parameters import check_parameters
from app.runtime.configuration.sentinel_url import FORM, names_sentinels, parse_sentinel_url

# Settings, and the parameters of a `rediss://` URL that they set.
TLS_FILES = {
    "REDIS_CA_FILE": "ssl_ca_certs",
    "REDIS_CERT_FILE": "ssl_certfile",
    "REDIS_KEY_FILE": "ssl_keyfile",
}
_PARAMETERS = frozenset(TLS_FILES.values())
_EXPECTED = (
    "REDIS_URL must look like redis://user:password@host:6379/0, rediss://..., unix://..."
    f" or, with Redis Sentinel, {FORM}."
)
_EXPECTED_SENTINELS = (
    f"REDIS_URL must look like {FORM} or rediss+sentinel://...: with user:password@ of Redis before"
    " the hosts, ?sentinel_username=...&sentinel_password=... if the sentinels have their own, and"
    " special characters of passwords percent-encoded."
)
_DEFAULT_PORT = 6379
_DATABASE = re.compile(r"(?:/[0-9]{0,9})?/?")
_TLS = ("rediss://", "rediss+sentinel://")
_NEEDS_TLS = "needs a REDIS_URL that begins with rediss:// or rediss+sentinel://."


def password_file(data_dir: Path) -> Path:
    """The embedded Redis's password; readable by its owner only."""
    return data_dir / "redis_password"


def embedded_url(socket: Path, password: str) -> str:
    """password: "" if there is none yet, because the embedded Redis was never started."""
    credentials = f":{quote(password)}@" if password else ""
    return f"unix://{credentials}{quote(str(socket))}"


def redis_url(url: str, data_dir: Path, files: Mapping[str, str]) -> str:
    """url: the setting REDIS_URL; "" for the embedded Redis. files: by name of TLS_FILES; "" if not
    set. ConfigError, without the URL, which holds a password."""
    files = {name: file for name, file in files.items() if file}
    if not url:
        if files:
            raise ConfigError(f"{', '.join(files)} {_NEEDS_TLS}")
        return embedded_url(data_dir / "redis" / "redis.sock", _stored_password(data_dir))
    _check_form(url)
    if files and not url.startswith(_TLS):
        raise ConfigError(f"{', '.join(files)} {_NEEDS_TLS}")
    address, _, text = url.partition("#")[0].partition("?")
    query = dict(parse_qsl(text, keep_blank_values=True))
    check_parameters(url.partition("://")[0], query)
    original = dict(query)
    query |= {TLS_FILES[name]: str(Path(file).resolve()) for name, file in files.items()}
    for name in _PARAMETERS & query.keys():
        _check_readable(name, query[name])
    if ("ssl_certfile" in query) != ("ssl_keyfile" in query):
        raise ConfigError("REDIS_CERT_FILE and REDIS_KEY_FILE must be set together.")
    return url if query == original else f"{address}?{urlencode(query)}"


def redis_ports(url: str) -> frozenset[int]:
    """Known TCP ports of Redis. Of a master that sentinels name, the usual one: its own is known
    when they are asked."""
    if names_sentinels(url):
        return parse_sentinel_url(url).ports | {_DEFAULT_PORT}
    parts = urlsplit(url)
    is_tcp = parts.scheme in ("redis", "rediss")
    return frozenset({parts.port or _DEFAULT_PORT} if is_tcp else ())


def _check_form(url: str) -> None:
    if names_sentinels(url):
        try:
            parse_sentinel_url(url)
        except ValueError:
            raise ConfigError(_EXPECTED_SENTINELS) from None
        return
    try:
        parts = urlsplit(url)
        is_tcp = parts.scheme in ("redis", "rediss")
        # The client reads any other text as database 0.
        is_valid = (
            bool(parts.hostname and _DATABASE.fullmatch(parts.path)) if is_tcp else bool(parts.path)
        )
        _ = parts.port
    except ValueError:
        raise ConfigError(_EXPECTED) from None
    if parts.scheme not in ("redis", "rediss", "unix") or not is_valid:
        raise ConfigError(_EXPECTED)


def _check_readable(name: str, file: str) -> None:
    setting = next(setting for setting, parameter in TLS_FILES.items() if parameter == name)
    try:
        with Path(file).open("rb"):
            pass
    except OSError as error:
        raise ConfigError(f"{setting}: {file} cannot be read: {error.strerror}.") from None


def _stored_password(data_dir: Path) -> str:
    try:
        return password_file(data_dir).read_text().strip()
    except OSError:
        return ""
