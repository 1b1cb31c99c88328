"""Take secrets out of lines whose text is not ours: messages of errors, tracebacks, warnings."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from app.runtime.configuration.names import with_files
from app.runtime.configuration.url_secrets import passwords

HIDDEN = "[hidden]"
# API keys, signing secrets, and links whose last part is a credential.
_PATTERNS = (
    r"\bcb_[0-9a-f]{6,32}_[!-~]+?(?=[\s\"'<>\\,;)]|$)",
    r"\bwhs[ke]c?_[A-Za-z0-9+/=_-]{8,}",
    r"(?<=/sign-in/link/)[^\s\"'?]+",
    r"(?<=/invitations/)[^\s\"'?]+",
    r"(?<=/password-reset/)[^\s\"'?]+",
    r"(?<=/enter/)[^\s\"'?]+",
    r"(?<=/catch/)[A-Za-z0-9_-]{8,}",
    r"(?<=://)[^\s/@\"']+:[^\s/@\"']+(?=@)",
    r"(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{6,}",
)
_SECRETS = ("SECRET_KEY", "PLATFORM_API_KEY", "OIDC_CLIENT_SECRET")
_LISTS = ("SECRET_KEY_PREVIOUS",)
# Lists of name=value, of which the value is secret, as it is written and decoded.
_PAIRS = ("OTEL_EXPORTER_OTLP_HEADERS",)
_URLS = (
    *("DATABASE_URL", "REDIS_URL", "SMTP_URL", "DELIVERY_PROXY"),
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)
# Shorter ones would hide ordinary words.
_MIN_SECRET = 6


def redactor(
    environ: Mapping[str, str] = os.environ, more: Iterable[str] = ()
) -> Callable[[str], str]:
    """A function that hides the secrets among the settings, everything that looks like a secret of
    ours, and `more`."""
    secrets = {secret for secret in (*_secrets(environ), *more) if len(secret) >= _MIN_SECRET}
    escaped = {secret.replace("\\", "\\\\").replace('"', '\\"') for secret in secrets}
    literals = sorted(secrets | escaped, key=len, reverse=True)
    pattern = re.compile("|".join([*map(re.escape, literals), *_PATTERNS]))

    def redact(text: str) -> str:
        return pattern.sub(HIDDEN, text)

    return redact


def _secrets(environ: Mapping[str, str]) -> Iterable[str]:
    environ = with_files(environ)
    for name in _SECRETS:
        yield environ.get(name, "").strip()
    for name in _LISTS:
        yield from (part.strip() for part in environ.get(name, "").split(","))
    for name in _PAIRS:
        for part in environ.get(name, "").split(","):
            value = part.partition("=")[2].strip()
            yield value
            yield unquote(value)
    for name in _URLS:
        yield from passwords(environ.get(name, ""))
