"""Settings into a webhook's row and out of it; secrets are sealed on the way."""

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
    """As `domain.webhook_settings.complete` takes and gives them, without the secrets."""
    return {name: getattr(row, name) for name in _PUBLIC}


def audited(row: Webhook, secrets: Mapping[str, object]) -> dict[str, Any]:
    """For the audit log: what can be shown, and which of the secrets were given."""
    given = (name for name in _SECRETS if name in secrets)
    return settings_of(row) | dict.fromkeys(given, _CHANGED)


def apply(settings: Settings, row: Webhook) -> None:
    """settings: as `complete` gave them; secrets that are not among them stay."""
    for name in (*_PUBLIC, "once_source"):
        setattr(row, name, settings[name])
    for name in _SEALED:
        if name in settings:
            plain = settings[name]
            setattr(row, name, None if plain is None else runtime().vault.seal(plain))
    _settle_signing_secret(row, settings.get("secret"))


def _settle_signing_secret(row: Webhook, given: str | None) -> None:
    """There always is one, of the kind that the webhook signs with."""
    kind = "v1" if row.signing == "none" else row.signing
    if given is None and row.signing_secret is not None and _fits(row, kind):
        return
    row.signing_secret = runtime().vault.seal(given or new_secret(kind))
    row.previous_signing_secret = None
    row.previous_signing_secret_until = None


def _fits(row: Webhook, kind: str) -> bool:
    return row.signing == "none" or kind_of(runtime().vault.open(row.signing_secret)) == kind
