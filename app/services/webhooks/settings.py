"""Read and write the settings in a webhook's row, encrypting secrets."""

from collections.abc import Mapping
from typing import Any

from app.domain.webhooks.settings.catalogue import OWNER_SECRETS, PUBLIC, SETTINGS
from app.domain.webhooks.settings.completion import Settings
from app.domain.webhooks.signing import kind_of, new_secret
from app.models import Webhook
from app.runtime.context import runtime

_PUBLIC = tuple(setting.column for setting in PUBLIC)
_SEALED = tuple(setting.column for setting in OWNER_SECRETS)
_SECRETS = tuple(setting.name for setting in SETTINGS if setting.is_secret)
_CHANGED = "(changed)"


def settings_of(row: Webhook) -> Settings:
    """As `domain.webhooks.settings.completion.complete` takes and returns them, without secrets."""
    return {name: getattr(row, name) for name in _PUBLIC}


def audited(row: Webhook, secrets: Mapping[str, object]) -> dict[str, Any]:
    """For the audit log: all settings that are not secret, and which secrets were set."""
    changed = (name for name in _SECRETS if name in secrets)
    return settings_of(row) | dict.fromkeys(changed, _CHANGED)


def apply(settings: Settings, row: Webhook) -> None:
    """settings: as `complete` returns them; other secrets are kept."""
    for name in (*_PUBLIC, "once_source"):
        setattr(row, name, settings[name])
    for name in _SEALED:
        if name in settings:
            plain = settings[name]
            setattr(row, name, None if plain is None else runtime().vault.seal(plain))
    _set_signing_secret(row, settings.get("secret"))


def _set_signing_secret(row: Webhook, secret: str | None) -> None:
    """Keep the current secret if it fits the kind of signature and no other is set."""
    kind = "v1" if row.signing == "none" else row.signing
    if secret is None and row.signing_secret is not None and _fits(row, kind):
        return
    row.signing_secret = runtime().vault.seal(secret or new_secret(kind))
    row.previous_signing_secret = None
    row.previous_signing_secret_until = None


def _fits(row: Webhook, kind: str) -> bool:
    return row.signing == "none" or kind_of(runtime().vault.open(row.signing_secret)) == kind
