"""The webhooks that this worker sends to: their facts and composers, kept until they change."""

import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import JSON, Connection, Table, Text, select, type_coerce

from app.domain.deliveries import sealing
from app.domain.deliveries.composing import Composer
from app.domain.deliveries.sealing import Seals
from app.domain.webhooks.facts import WebhookFacts
from app.models import Webhook
from app.runtime.vault import Vault
from app.store.webhook_facts import facts

_log = logging.getLogger(__name__)
_TABLE: Table = Webhook.__table__
# Documents as their text, where the database keeps them so: one that is damaged must not keep the
# rows of the others from being read.
_COLUMNS = [
    type_coerce(column, Text).label(column.name) if isinstance(column.type, JSON) else column
    for column in _TABLE.c
    if column.name not in ("metadata", "description")
]
MOST_KEPT = 20_000


@dataclass(slots=True, eq=False)
class CachedWebhook:
    """composer: None when the webhook's secrets cannot be opened or its row not be understood;
    `fault` is then the cause and `detail` the particulars. until: ms; the facts change then by
    themselves, when a rotated secret runs out."""

    facts: WebhookFacts
    composer: Composer | None
    until: int | None
    fault: str = ""
    detail: str = ""
    seals: Seals = sealing.NONE


class WebhookCache:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: OrderedDict[str, CachedWebhook] = OrderedDict()

    def get(self, webhook_id: str) -> CachedWebhook | None:
        return self._kept.get(webhook_id)

    def outdated(self, versions: Iterable[tuple[str, int]], now: int) -> set[str]:
        """Of pairs of webhook id and version: those that are not known as of that version."""
        return {
            webhook_id for webhook_id, version in versions if self._is_old(webhook_id, version, now)
        }

    def _is_old(self, webhook_id: str, version: int, now: int) -> bool:
        known = self._kept.get(webhook_id)
        if known is None or known.facts.version != version:
            return True
        return known.until is not None and known.until <= now

    def load(self, connection: Connection, webhook_ids: Collection[str], now: int) -> None:
        if not webhook_ids:
            return
        wanted = select(*_COLUMNS).where(_TABLE.c.id.in_(webhook_ids))
        for row in connection.execute(wanted).mappings():
            self._kept[row["id"]] = self._known(dict(row), now)
            self._kept.move_to_end(row["id"])
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _known(self, row: dict[str, Any], now: int) -> CachedWebhook:
        try:
            return self._understood(row, now)
        except Exception as error:  # noqa: BLE001 -- one webhook's fault is its own
            _log.exception("webhook %s cannot be understood", row["id"])
            return _unusable(row, str(error))

    def _understood(self, row: dict[str, Any], now: int) -> CachedWebhook:
        until = row["previous_signing_secret_until"]
        until = until if until is not None and until > now else None
        try:
            opened = facts(row, self._vault, now)
            seals = sealing.seals_of(opened, self._vault.seal, self._vault.open)
            return CachedWebhook(opened, Composer(opened), until, seals=seals)
        except InvalidToken:
            detail = "it was sealed under another SECRET_KEY"
            return CachedWebhook(facts(row, None, now), None, until, "sealed", detail)


def _unusable(row: dict[str, Any], detail: str) -> CachedWebhook:
    """Its deliveries are given up one by one, with this cause, and the others go on."""
    harmless = {
        "headers": [],
        "event_types": None,
        "sources": None,
        "success_statuses": ["200-299"],
        "retry_policy": {"kind": "schedule", "delays_seconds": []},
        "timeout_seconds": 10.0,
    }
    plain = facts(row | harmless, None, 0)
    detail = f"the webhook's settings are damaged: {detail}"
    return CachedWebhook(plain, None, None, "unrenderable", detail)
