"""Which webhooks a test event matches."""

from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.matching import Matcher
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as account_queries
from app.runtime.expressions import verdicts_of
from app.services.webhooks.cache import webhook_cache
from app.services.webhooks.test_sends import facts_of


def matching(organization_id: str, event: EventFacts, limit: int) -> list[WebhookFacts]:
    """The enabled webhooks that match the event, at most `limit`, without one-time ones. Costs what
    publishing the event costs. Unavailable: the organization's filters are too busy."""
    organization = account_queries.organization(organization_id)
    assert organization is not None
    webhooks = webhook_cache().get(organization_id, organization.webhooks_version)
    candidates = webhooks.candidates(event.type, event.source)
    active = [candidate.facts for candidate in candidates if candidate.active]
    matcher = Matcher(event, verdicts_of(organization_id, event, active))
    matched = [facts.id for facts in active if matcher.refusal(facts) is None]
    rows = (webhook_queries.get(organization_id, id_) for id_ in matched[:limit])
    return [facts_of(row, event.occurred_at) for row in rows if row is not None]
