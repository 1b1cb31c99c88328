"""A webhook's row, its secrets opened, as the rules take it. Knows no session and no Flask, so
that the engine can use it on rows that it read by itself."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.domain.bodies.spec import BodySpec
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.domain.webhooks.retries import RetryPolicy, parse_policy
from app.domain.webhooks.success import StatusRule
from app.models import Webhook
from app.runtime.vault import Vault

Row = Mapping[str, Any]


def facts(row: Row | Webhook, vault: Vault | None, now: int) -> WebhookFacts:
    """row: a Webhook, or its columns by name; documents may still be JSON text.

    vault: None leaves the secrets out, which choosing does not need. now: milliseconds since the
    epoch; the previous signing secret counts as long as it is valid then.
    """
    if isinstance(row, Webhook):
        row = _columns(row)
    preset = PRESETS.get(row["preset"], PRESETS[DEFAULT_PRESET])
    return WebhookFacts(
        id=row["id"],
        organization_id=row["organization_id"],
        version=row["version"],
        kind=row["kind"],
        preset=row["preset"],
        url=row["url"],
        method=row["method"],
        body=_body(row, vault),
        headers=tuple((name, value) for name, value in _document(row["headers"]) or ()),
        event_types=_names(row["event_types"]),
        sources=_names(row["sources"]),
        filter=row["filter"],
        secret_token=_opened(row["secret_token"], vault),
        secret_header=row["secret_header"],
        signing=row["signing"],
        secrets=_secrets(row, vault, now),
        success=_rule(tuple(_document(row["success_statuses"]))),
        timeout_seconds=row["timeout_seconds"],
        retry_policy=_policy(_text(row["retry_policy"])),
        honours_retry_after=preset.honours_retry_after,
        disables_on_410=preset.disables_on_410,
        rate_limit_per_second=row["rate_limit_per_second"],
        max_in_flight=row["max_in_flight"],
        ordered=bool(row["ordered"]),
        is_active=bool(row["is_active"]),
        once=bool(row["once"]),
    )


def _columns(webhook: Webhook) -> Row:
    return {column.key: getattr(webhook, column.key) for column in _NEEDED}


# All but what no rule asks for; `meta` is another name than its column's.
_NEEDED = [c for c in Webhook.__table__.columns if c.name not in ("metadata", "description")]


def _body(row: Row, vault: Vault | None) -> BodySpec:
    return BodySpec(
        format=row["body_format"],
        encoding=row["body_encoding"],
        expression=row["body_expression"],
        api_key=_opened(row["api_key"], vault),
    )


def _opened(sealed: bytes | None, vault: Vault | None) -> str | None:
    return None if vault is None else vault.open_or_none(sealed)


def _secrets(row: Row, vault: Vault | None, now: int) -> tuple[str, ...]:
    if vault is None or row["signing"] == "none":
        return ()
    until = row["previous_signing_secret_until"]
    sealed = [row["signing_secret"]]
    if row["previous_signing_secret"] is not None and until is not None and until > now:
        sealed.append(row["previous_signing_secret"])
    return tuple(vault.open(secret) for secret in sealed)


def _names(document: Any) -> frozenset[str] | None:
    names = _document(document)
    return None if names is None else frozenset(names)


def _document(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


# Thousands of webhooks share a handful of rules and policies.
@lru_cache(maxsize=1024)
def _rule(statuses: tuple[str, ...]) -> StatusRule:
    return StatusRule(statuses)


@lru_cache(maxsize=1024)
def _policy(document: str) -> RetryPolicy:
    return parse_policy(json.loads(document))
