"""Cache webhooks with their composers in each worker until their version changes."""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from cachetools import FIFOCache
from cryptography.fernet import InvalidToken
from sqlalchemy import JSON, Connection, Table, Text, select, type_coerce

from app.domain.deliveries import sealing
from app.domain.deliveries.composing import Composer
from app.domain.deliveries.sealing import Seals
from app.domain.webhooks import damage
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.rows import facts_from_row
from app.engine.hosts import HostKey, host_key
from app.models import Organization, Webhook
from app.runtime.vault import Vault

_log = logging.getLogger(__name__)
_TABLE: Table = Webhook.__table__
_ORGANIZATIONS: Table = Organization.__table__
# JSON columns are read as text: one damaged document must not prevent other rows from being read.
_COLUMNS = [
    type_coerce(column, Text).label(column.name) if isinstance(column.type, JSON) else column
    for column in _TABLE.c
    if column.name not in ("metadata", "description")
]
MAX_CACHED = 20_000


@dataclass(slots=True, eq=False)
class CachedWebhook:
    """composer: None if the webhook's secrets cannot be decrypted or its row cannot be parsed;
    `fault` is then the failure reason and `detail` explains it. until: ms since the epoch when the
    facts change by themselves, because the previous signing secret expires. host: what its
    requests occupy. host_limit: the organization's own quota of requests in flight to a host."""

    facts: WebhookFacts
    composer: Composer | None
    until: int | None
    fault: str = ""
    detail: str = ""
    seals: Seals = sealing.NONE
    host: HostKey = ""
    host_limit: int | None = None


class WebhookCache:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        # First in, first out: keeping the order of use would cost each delivery 1 µs more.
        self._cached: FIFOCache[str, CachedWebhook] = FIFOCache(MAX_CACHED)

    def get(self, webhook_id: str) -> CachedWebhook | None:
        return self._cached.get(webhook_id)

    def outdated(self, versions: Iterable[tuple[str, int]], now: int) -> set[str]:
        """Of (webhook id, version) pairs, the ids that are not cached at that version."""
        return {
            webhook_id for webhook_id, version in versions if self._is_old(webhook_id, version, now)
        }

    def _is_old(self, webhook_id: str, version: int, now: int) -> bool:
        webhook = self._cached.get(webhook_id)
        if webhook is None or webhook.facts.version != version:
            return True
        return webhook.until is not None and webhook.until <= now

    def load(
        self, connection: Connection, webhook_ids: Collection[str], now: int
    ) -> list[CachedWebhook]:
        """Read and cache these webhooks, and return them."""
        if not webhook_ids:
            return []
        loaded = []
        host_limit = _ORGANIZATIONS.c.max_requests_per_host
        rows = select(*_COLUMNS, host_limit).select_from(_TABLE.join(_ORGANIZATIONS))
        for row in connection.execute(rows.where(_TABLE.c.id.in_(webhook_ids))).mappings():
            webhook = self._parse_or_disable(dict(row), now)
            webhook.host = host_key(row["organization_id"], row["url"])
            webhook.host_limit = row["max_requests_per_host"]
            self._cached[row["id"]] = webhook
            loaded.append(webhook)
        return loaded

    def _parse_or_disable(self, row: dict[str, Any], now: int) -> CachedWebhook:
        try:
            return self._parse(row, now)
        except Exception as error:  # noqa: BLE001 -- a broken row affects only its own webhook
            _log.exception("webhook %s cannot be parsed", row["id"])
            return _broken(row, str(error))

    def _parse(self, row: dict[str, Any], now: int) -> CachedWebhook:
        damage.check(row)
        until = row["previous_signing_secret_until"]
        until = until if until is not None and until > now else None
        try:
            opened = facts_from_row(row, self._vault, now)
            seals = sealing.seals_of(opened, self._vault.seal, self._vault.open)
            return CachedWebhook(opened, Composer(opened), until, seals=seals)
        except InvalidToken:
            detail = "encrypted with another SECRET_KEY"
            return CachedWebhook(facts_from_row(row, None, now), None, until, "sealed", detail)


def _broken(row: dict[str, Any], detail: str) -> CachedWebhook:
    """A stand-in for a damaged row: its deliveries fail one by one with the reason."""
    no_retry = {"retry_policy": {"kind": "schedule", "delays_seconds": []}}
    stand_in = facts_from_row(row | dict(damage.DEFAULTS) | no_retry, None, 0)
    detail = f"the webhook's settings are damaged: {detail}"
    return CachedWebhook(stand_in, None, None, "unrenderable", detail)
