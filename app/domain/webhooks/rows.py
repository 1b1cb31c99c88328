"""Turn a webhook's stored columns into the facts that matching and sending work with."""

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from app.domain.bodies.spec import BodySpec
from app.domain.webhooks.credentials.authentication import (
    HEADER,
    OAUTH2,
    authorization,
    oauth_client,
    parsed,
)
from app.domain.webhooks.credentials.certificates import client_tls
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.headers import Pair, parse_pairs, split
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.domain.webhooks.retries import RetryPolicy, parse_policy
from app.domain.webhooks.settings.catalogue import SETTINGS
from app.domain.webhooks.settings.types import Flag
from app.domain.webhooks.success import StatusRule

Row = Mapping[str, Any]

# Computed from columns and the preset. Every other fact is the column of its name.
_COMPUTED = {
    *("body", "headers", "secret_headers", "event_types", "sources", "secret_token", "secrets"),
    *("oauth", "tls", "method", "success", "retry_policy", "honors_retry_after", "disables_on_410"),
}
_COLUMNS = [field.name for field in fields(WebhookFacts) if field.name not in _COMPUTED]
_SETTINGS = {setting.column: setting for setting in SETTINGS}
# SQLite stores flags as numbers.
_FLAGS = [name for name in _COLUMNS if name in _SETTINGS and isinstance(_SETTINGS[name].type, Flag)]
_STORED = [name for name in _COLUMNS if name not in _FLAGS]
_stored = itemgetter(*_STORED)


class SecretOpener(Protocol):
    """Decrypts stored secrets (`runtime.vault.Vault`)."""

    def open(self, sealed: bytes) -> str: ...


def facts_from_row(row: Row, vault: SecretOpener | None, now: int) -> WebhookFacts:
    """row: columns by name; JSON columns may still be text.

    vault: None leaves the secrets out, which matching does not need. now: milliseconds since the
    epoch; the previous signing secret is included while it is valid.
    """
    preset = PRESETS.get(row["preset"], PRESETS[DEFAULT_PRESET])
    headers, secret_headers = _headers(row, vault)
    opened = _opened(row["authentication"], vault)
    authentication = None if opened is None else parsed(opened)
    if authentication is not None and authentication["kind"] != OAUTH2:
        secret_headers = (*secret_headers, (HEADER, authorization(authentication)))
    stored: dict[str, Any] = dict(zip(_STORED, _stored(row), strict=True))
    flags: dict[str, Any] = {name: bool(row[name]) for name in _FLAGS}
    return WebhookFacts(
        method=row["method"].upper(),
        body=_body(row, vault),
        headers=headers,
        secret_headers=secret_headers,
        oauth=oauth_client(authentication),
        tls=client_tls(
            _opened(row["client_certificate"], vault), _opened(row["ca_certificates"], vault)
        ),
        event_types=_names(row["event_types"]),
        sources=_names(row["sources"]),
        secret_token=_opened(row["secret_token"], vault),
        secrets=_secrets(row, vault, now),
        success=_rule(tuple(_document(row["success_statuses"]))),
        retry_policy=_policy(_text(row["retry_policy"])),
        honors_retry_after=_flag(row["honors_retry_after"], preset.honors_retry_after),
        disables_on_410=preset.disables_on_410,
        **stored,
        **flags,
    )


def _headers(row: Row, vault: SecretOpener | None) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Public and secret ones. A row of the previous release has its credentials among the public
    headers."""
    opened = _opened(row["secret_headers"], vault)
    stored = parse_pairs(opened) if opened is not None else []
    public, secret = split(_document(row["headers"]) or (), stored)
    return tuple(public), tuple(secret) if vault is not None else ()


def _body(row: Row, vault: SecretOpener | None) -> BodySpec:
    return BodySpec(
        format=row["body_format"],
        encoding=row["body_encoding"],
        expression=row["body_expression"],
        api_key=_opened(row["api_key"], vault),
    )


def _opened(sealed: bytes | None, vault: SecretOpener | None) -> str | None:
    return None if vault is None or sealed is None else vault.open(sealed)


def _secrets(row: Row, vault: SecretOpener | None, now: int) -> tuple[str, ...]:
    if vault is None or row["signing"] == "none":
        return ()
    until = row["previous_signing_secret_until"]
    sealed = [row["signing_secret"]]
    if row["previous_signing_secret"] is not None and until is not None and until > now:
        sealed.append(row["previous_signing_secret"])
    return tuple(vault.open(secret) for secret in sealed)


def _flag(value: bool | int | None, default: bool) -> bool:
    return default if value is None else bool(value)


def _names(document: Any) -> frozenset[str] | None:
    names = _document(document)
    return None if names is None else frozenset(names)


def _document(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


# Thousands of webhooks share a handful of status rules and retry policies.
@lru_cache(maxsize=1024)
def _rule(statuses: tuple[str, ...]) -> StatusRule:
    return StatusRule(statuses)


@lru_cache(maxsize=1024)
def _policy(document: str) -> RetryPolicy:
    return parse_policy(json.loads(document))
