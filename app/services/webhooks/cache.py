"""The webhooks of an organization that may want an event, kept ready in each process.

An organization's `webhooks_version` goes up in the transaction of every change of a webhook, and
is read in every transaction that publishes: a copy with the same version is today's.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import product

from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.rows import facts_from_row
from app.models import Webhook
from app.queries import event_types as event_type_queries
from app.queries import webhooks as webhook_queries
from app.runtime.context import runtime

# Beyond this the organization that was not asked for the longest is forgotten.
MOST_ORGANIZATIONS = 2_000
MOST_TYPES = 2_000
# Beyond this a webhook is found by its event types alone.
MOST_PLACES = 200

_Key = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """wants: as if it were active, for `matching.choose`. active: whether it is."""

    wants: WebhookFacts
    active: bool


def candidate(row: Webhook) -> Candidate:
    found = facts_from_row(row.columns(), None, 0)
    return Candidate(replace(found, is_active=True), found.is_active)


@dataclass(slots=True)
class OrganizationWebhooks:
    """version: of the organization when these were read. types: names in its catalogue.
    has_filters: whether any of the webhooks has one."""

    version: int
    types: set[str]
    places: dict[_Key, list[Candidate]] = field(default_factory=dict)
    has_filters: bool = False

    def add(self, found: Candidate) -> None:
        self.has_filters = self.has_filters or found.wants.filter is not None
        types: Iterable[str | None] = found.wants.event_types or (None,)
        sources: Iterable[str | None] = found.wants.sources or (None,)
        keys = list(product(types, sources))
        if len(keys) > MOST_PLACES:
            keys = [(name, None) for name in types]
        for key in keys:
            self.places.setdefault(key, []).append(found)

    def candidates(self, event_type: str, source: str | None) -> list[Candidate]:
        """Those that an event may concern; "all" event types never includes our own."""
        get = self.places.get
        found = list(get((event_type, None), ()))
        if source is not None:
            found += get((event_type, source), ())
        if event_type not in PRODUCT_TYPES:
            found += get((None, None), ())
            if source is not None:
                found += get((None, source), ())
        return found


class WebhookCache:
    """Keeps the webhooks of the organizations that published last."""

    def __init__(self, organizations: OrderedDict[str, OrganizationWebhooks]) -> None:
        self._organizations = organizations

    def get(self, organization_id: str, version: int) -> OrganizationWebhooks:
        webhooks = self._organizations.get(organization_id)
        if webhooks is None or webhooks.version != version:
            webhooks = _load(organization_id, version)
            self._organizations[organization_id] = webhooks
            while len(self._organizations) > MOST_ORGANIZATIONS:
                self._organizations.popitem(last=False)
        return webhooks

    def peek(self, organization_id: str) -> OrganizationWebhooks | None:
        """As they were read last, which may be long ago."""
        return self._organizations.get(organization_id)

    def learn(self, committed: Iterable[tuple[str, str]]) -> None:
        """Add committed pairs of organization and event type to the cached catalogues."""
        for organization_id, name in committed:
            webhooks = self._organizations.get(organization_id)
            if webhooks is not None and len(webhooks.types) < MOST_TYPES:
                webhooks.types.add(name)


def webhook_cache() -> WebhookCache:
    return WebhookCache(runtime().caches.webhooks)


def _load(organization_id: str, version: int) -> OrganizationWebhooks:
    webhooks = OrganizationWebhooks(
        version, set(event_type_queries.names(organization_id, MOST_TYPES))
    )
    for row in webhook_queries.for_matching(organization_id):
        webhooks.add(candidate(row))
    return webhooks
