"""Read and write the settings in a webhook's row, encrypting secrets."""

from collections.abc import Mapping
from typing import Any

from app.domain.common.clock import now_ms
from app.domain.common.errors import invalid
from app.domain.deliveries.composing import secret_header
from app.domain.webhooks.credentials.authentication import (
    HEADER,
    Authentication,
    dumped,
    parsed,
    refuse_move,
)
from app.domain.webhooks.credentials.certificates import (
    Summary,
    certificates_of,
    refuse_expired,
    summaries,
    with_stored_key,
)
from app.domain.webhooks.settings.catalogue import OWNER_SECRETS, PUBLIC, SETTINGS
from app.domain.webhooks.settings.completion import Settings
from app.domain.webhooks.signing import kind_of, new_secret
from app.models import Webhook
from app.runtime.context import runtime
from app.services.webhooks import secret_headers

_PUBLIC = tuple(setting.column for setting in PUBLIC)
_HEADERS, _SECRET_HEADERS, _AUTHENTICATION = "headers", "secret_headers", "authentication"
# Sealed as they are; the other secrets are sealed as JSON text.
_SEALED = tuple(s.column for s in OWNER_SECRETS if s.name not in (_SECRET_HEADERS, _AUTHENTICATION))
_SECRETS = tuple(s.name for s in SETTINGS if s.is_secret and s.name != _SECRET_HEADERS)
_CERTIFICATE = "client_certificate"
_CHANGED, _UNCHANGED = "(changed)", "(hidden)"


def settings_of(row: Webhook) -> Settings:
    """As `domain.webhooks.settings.completion.complete` takes and returns them, without secrets."""
    settings = {name: getattr(row, name) for name in _PUBLIC}
    settings[_HEADERS] = [list(pair) for pair in secret_headers.headers_of(row)[0]]
    return settings


def audited(
    row: Webhook, secrets: Mapping[str, object], before: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """For the audit log: all settings that are not secret, and which secrets were set.

    before: the values of the secret headers before a change."""
    changed = (name for name in _SECRETS if name in secrets)
    fields = settings_of(row) | dict.fromkeys(changed, _CHANGED)
    if row.uid is not None:
        fields["uid"] = row.uid
    values = dict(secret_headers.headers_of(row)[1])
    if values or before:
        fields[_SECRET_HEADERS] = {
            name: _UNCHANGED if before is None or before.get(name) == value else _CHANGED
            for name, value in values.items()
        }
    return fields


def apply(settings: Settings, row: Webhook) -> None:
    """settings: as `complete` returns them; other secrets are kept. Invalid: two authorizations, or
    another host would get the stored one."""
    if row.authentication is not None and _AUTHENTICATION not in settings:
        refuse_move(row.url, settings["url"])
    if settings.get(_CERTIFICATE):
        settings = settings | {_CERTIFICATE: _with_key(settings[_CERTIFICATE], row)}
    for name in (*_PUBLIC, "once_source"):
        if name != _HEADERS:
            setattr(row, name, settings[name])
    if _SECRET_HEADERS in settings:
        secret_headers.store(row, settings[_HEADERS], settings[_SECRET_HEADERS] or ())
    else:
        secret_headers.store(row, settings[_HEADERS], None)
    for name in _SEALED:
        if name in settings:
            plain = settings[name]
            setattr(row, name, None if plain is None else runtime().vault.seal(plain))
    if _AUTHENTICATION in settings:
        stored = settings[_AUTHENTICATION]
        row.authentication = None if stored is None else runtime().vault.seal(dumped(stored))
    _refuse_two_authorizations(row)
    _set_signing_secret(row, settings.get("secret"))


def _with_key(text: str, row: Webhook) -> str:
    """The client certificate with its key, which may be the stored one. Invalid."""
    stored = runtime().vault.open_or_none(row.client_certificate)
    complete = with_stored_key(text, stored)
    if certificates_of(complete) != certificates_of(stored or ""):
        refuse_expired(complete, now_ms())
    return complete


def authentication_of(row: Webhook) -> Authentication | None:
    """None: none, or encrypted with another SECRET_KEY."""
    text = runtime().vault.open_or_none(row.authentication)
    return None if text is None else parsed(text)


def certificates_in(sealed: bytes | None) -> list[Summary]:
    """The certificates in a column of PEM text; none if it cannot be decrypted."""
    text = runtime().vault.open_or_none(sealed)
    return summaries(text) if text else []


def _refuse_two_authorizations(row: Webhook) -> None:
    """Invalid: a header of the webhook's own would replace its authentication."""
    if row.authentication is None:
        return
    names = {name.lower() for name, _ in secret_headers.headers_of(row)[1]}
    if row.secret_token is not None:
        names.add(secret_header(row.preset, row.secret_header).lower())
    if HEADER.lower() in names:
        problem = f"The webhook has a header {HEADER} of its own."
        remedy = "Remove that header, or set authentication to null."
        raise invalid(_AUTHENTICATION, "conflict", problem, remedy)


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
