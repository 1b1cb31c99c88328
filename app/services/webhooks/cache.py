"""Cache each organization's webhooks for matching, in each process.

Every change of a webhook raises the organization's `webhooks_version` in its transaction, and every
publishing transaction reads it: a cached copy with the same version is current.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from itertools import product

from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.event_types.patterns import is_pattern, patterns_of
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.rows import facts_from_row
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue as event_type_queries
from app.runtime.context import runtime

MAX_TYPES = 2_000
# A webhook with more combinations of event type and source is indexed by event type only.
MAX_INDEX_KEYS = 200

_Key = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """facts: as if the webhook were active, because matching ignores pauses. active: whether it is
    active."""

    facts: WebhookFacts
    active: bool


def candidate(row: Webhook) -> Candidate:
    facts = facts_from_row(row.columns(), None, 0)
    return Candidate(replace(facts, is_active=True), facts.is_active)


@dataclass(slots=True)
class OrganizationWebhooks:
    """version: `webhooks_version` when these were read. types: names in the catalogue. index:
    webhooks by event type, or pattern of event types, and source; None stands for all. has_filters,
    has_patterns: whether any of the webhooks has one. number: of webhooks. checks: of event types
    whose events are checked against their schema, what happens to those that do not match."""

    version: int
    types: set[str]
    index: dict[_Key, list[Candidate]] = field(default_factory=dict)
    has_filters: bool = False
    has_patterns: bool = False
    number: int = 0
    checks: Mapping[str, str] = field(default_factory=dict)

    def add(self, webhook: Candidate) -> None:
        self.number += 1
        self.has_filters = self.has_filters or webhook.facts.filter is not None
        self.has_patterns = self.has_patterns or any(
            map(is_pattern, webhook.facts.event_types or ())
        )
        types: Iterable[str | None] = webhook.facts.event_types or (None,)
        sources: Iterable[str | None] = webhook.facts.sources or (None,)
        keys = list(product(types, sources))
        if len(keys) > MAX_INDEX_KEYS:
            keys = [(name, None) for name in types]
        for key in keys:
            self.index.setdefault(key, []).append(webhook)

    def candidates(self, event_type: str, source: str | None) -> list[Candidate]:
        """Webhooks that may match. "All event types" never includes Callboard's own."""
        get = self.index.get
        candidates = list(get((event_type, None), ()))
        if source is not None:
            candidates += get((event_type, source), ())
        if event_type not in PRODUCT_TYPES:
            candidates += get((None, None), ())
            if source is not None:
                candidates += get((None, source), ())
        if self.has_patterns:
            candidates += self._by_pattern(event_type, source)
            # A webhook may have a name and several patterns that match.
            candidates = list({id(candidate): candidate for candidate in candidates}.values())
        return candidates

    def _by_pattern(self, event_type: str, source: str | None) -> Iterator[Candidate]:
        """One look-up for each pattern that the event type could match, as many as its name has
        words, whatever the number of webhooks and of their patterns."""
        for pattern in patterns_of(event_type):
            yield from self.index.get((pattern, None), ())
            if source is not None:
                yield from self.index.get((pattern, source), ())


class WebhookCache:
    """Webhooks of the organizations that published last."""

    def __init__(
        self, organizations: MutableMapping[str, OrganizationWebhooks], mutex: threading.Lock
    ) -> None:
        """organizations: not thread-safe by itself; `mutex` guards it."""
        self._organizations = organizations
        self._mutex = mutex

    def get(self, organization_id: str, version: int) -> OrganizationWebhooks:
        webhooks = self.peek(organization_id)
        if webhooks is None or webhooks.version != version:
            webhooks = _load(organization_id, version)
            with self._mutex:
                self._organizations[organization_id] = webhooks
        return webhooks

    def peek(self, organization_id: str) -> OrganizationWebhooks | None:
        """The cached webhooks, which may be stale."""
        with self._mutex:
            return self._organizations.get(organization_id)

    def learn(self, committed: Iterable[tuple[str, str]]) -> None:
        """Add committed pairs of organization and event type to the cached catalogues."""
        for organization_id, name in committed:
            webhooks = self.peek(organization_id)
            if webhooks is not None and len(webhooks.types) < MAX_TYPES:
                webhooks.types.add(name)


def webhook_cache() -> WebhookCache:
    caches = runtime().caches
    return WebhookCache(caches.webhooks, caches.webhooks_mutex)


def _load(organization_id: str, version: int) -> OrganizationWebhooks:
    webhooks = OrganizationWebhooks(
        version,
        set(event_type_queries.own_names(organization_id, MAX_TYPES)),
        checks=event_type_queries.checks(organization_id),
    )
    for row in webhook_queries.for_matching(organization_id):
        webhooks.add(candidate(row))
    return webhooks
