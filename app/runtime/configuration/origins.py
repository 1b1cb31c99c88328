"""The settings as they are in effect, and where each comes from. Secrets are not shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.runtime.configuration.names import NAMES
from app.runtime.configuration.settings import KEY_FILE, Settings
from app.runtime.configuration.url_secrets import without_password

SET = "(set)"
_SECRETS = frozenset(
    {
        *("SECRET_KEY", "SECRET_KEY_PREVIOUS", "PLATFORM_API_KEY", "OIDC_CLIENT_SECRET"),
        "OTEL_EXPORTER_OTLP_HEADERS",
    }
)
_URLS = frozenset({"DATABASE_URL", "REDIS_URL", "SMTP_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"})
_QUOTAS = {
    "MAX_WEBHOOKS": "webhooks",
    "MAX_DELIVERIES_PER_EVENT": "deliveries_per_event",
    "MAX_REQUESTS_PER_HOST": "requests_per_host",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """value: "" if there is none. source: `environment`, `file PATH` or `default`."""

    name: str
    value: str
    source: str


def origins(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[Origin]:
    """In the order of the README's table."""
    return [
        Origin(name, _shown(name, settings, environ), _source(name, settings, environ))
        for name in NAMES
    ]


def _source(name: str, settings: Settings, environ: Mapping[str, str]) -> str:
    if environ.get(f"{name}_FILE") and f"{name}_FILE" not in NAMES:
        return f"file {environ[f'{name}_FILE']}"
    if name in environ:
        return "environment"
    if name == "SECRET_KEY":
        return f"file {settings.data_dir / KEY_FILE}"
    return "default"


def _shown(name: str, settings: Settings, environ: Mapping[str, str]) -> str:
    if name in _QUOTAS:
        return str(getattr(settings.quotas, _QUOTAS[name]))
    value: Any = getattr(settings, name.lower(), environ.get(name))
    if name in _SECRETS:
        return SET if value or _source(name, settings, environ) != "default" else ""
    if name == "PASSWORD_SIGN_IN":
        return "on" if value else "off"
    if name in _URLS:
        return without_password(str(value or ""))
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
