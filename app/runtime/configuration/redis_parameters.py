"""Parameters of a REDIS_URL, after its `?`: which there are, and what their values look like.

The Redis client looks at them when it connects; an unknown one would fail each connection,
long after the start.
"""

import re
import ssl
from collections.abc import Mapping
from difflib import get_close_matches

from app.runtime.configuration.environment import ConfigError

_BOOL = "(?i:true|false|yes|no|t|f|y|n|0|1)"
# Without a timeout of 0: that would not wait at all.
_SECONDS = r"(?![0.]+$)[0-9]+(?:\.[0-9]+)?"
_NUMBER = "[0-9]{1,9}"
_FLAG = f"(?:{'|'.join(ssl.VerifyFlags.__members__)})"
_FLAGS = rf"\[?{_FLAG}(?:, ?{_FLAG})*\]?"
# Of one server. In a URL of sentinels they are parts of the address.
_ADDRESS = {"db": _NUMBER, "username": ".+", "password": ".+"}
_CONNECTION = {
    "client_name": "[!-~]+",
    "health_check_interval": _NUMBER,
    "max_connections": _NUMBER,
    "protocol": "[23]",
    "retry_on_timeout": _BOOL,
    "socket_connect_timeout": _SECONDS,
    "socket_keepalive": _BOOL,
    "socket_read_size": _NUMBER,
    "socket_timeout": _SECONDS,
}
_TLS = {
    "ssl_ca_certs": ".+",
    "ssl_ca_data": "(?s:.+)",
    "ssl_ca_path": ".+",
    "ssl_cert_reqs": "none|optional|required",
    "ssl_certfile": ".+",
    "ssl_check_hostname": _BOOL,
    "ssl_ciphers": ".+",
    "ssl_exclude_verify_flags": _FLAGS,
    "ssl_include_verify_flags": _FLAGS,
    "ssl_keyfile": ".+",
    "ssl_min_version": _NUMBER,
    "ssl_password": ".+",
}
_SENTINELS = {"sentinel_username": ".+", "sentinel_password": ".+"}
# Anything else may be a part of a password whose `?` was not percent-encoded.
_SHOWN = re.compile(r"[A-Za-z_]{1,40}")


def check_parameters(scheme: str, query: Mapping[str, str]) -> None:
    """scheme: of REDIS_URL. ConfigError, which names a wrong parameter without its value."""
    known = _known(scheme)
    for name, value in query.items():
        if name in _TLS and name not in known:
            raise ConfigError(
                f"REDIS_URL: the parameter {name} is for TLS. Begin the URL with rediss:// or"
                " rediss+sentinel://, or leave the parameter out."
            )
        if name not in known:
            raise ConfigError(_unknown(name, sorted(known)))
        if not re.fullmatch(known[name], value):
            raise ConfigError(f"REDIS_URL: the parameter {name} has a wrong value{_form(name)}.")


def _known(scheme: str) -> dict[str, str]:
    known = dict(_CONNECTION)
    if scheme == "unix":
        del known["socket_keepalive"]
    known |= _SENTINELS if scheme.endswith("+sentinel") else _ADDRESS
    if scheme.startswith("rediss"):
        known |= _TLS
    return known


def _unknown(name: str, known: list[str]) -> str:
    if not _SHOWN.fullmatch(name):
        return (
            "REDIS_URL has an unknown parameter after its ?. Percent-encode special characters of"
            " passwords."
        )
    meant = get_close_matches(name, known, 1)
    remedy = f"Did you mean {meant[0]}?" if meant else f"There are: {', '.join(known)}."
    return f"REDIS_URL has the unknown parameter {name}. {remedy}"


def _form(name: str) -> str:
    forms = {
        _BOOL: ": use true or false",
        _SECONDS: ": use a number of seconds",
        _NUMBER: ": use a whole number",
        _TLS["ssl_cert_reqs"]: ": use none, optional or required",
        _CONNECTION["protocol"]: ": use 2 or 3",
    }
    return forms.get((_CONNECTION | _ADDRESS | _TLS | _SENTINELS)[name], "")
