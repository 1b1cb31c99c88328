"""One-time webhooks: the first matching event claims the webhook; no other event is sent to it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, update

from app.domain.webhooks.matching import Matcher
from app.models import Webhook
from app.models.webhooks import ONCE_WAITING
from app.queries import webhooks as webhook_queries
from app.services.webhooks.cache import Candidate, candidate


@dataclass(slots=True)
class OneTimeWebhooks:
    """unmatched: by organization id. matched: pairs of a webhook and the id of its event."""

    unmatched: dict[str, list[Candidate]]
    matched: list[tuple[Candidate, str]] = field(default_factory=list)

    @classmethod
    def waiting(
        cls, organization_ids: list[str], sources: Iterable[str | None]
    ) -> "OneTimeWebhooks":
        """Return the one-time webhooks that wait for one of these sources, or for any."""
        unmatched: dict[str, list[Candidate]] = defaultdict(list)
        if organization_ids:
            for row in webhook_queries.one_time_waiting(organization_ids, sources):
                unmatched[row.organization_id].append(candidate(row))
        return cls(unmatched)

    def waiting_in(self, organization_id: str) -> list[Candidate]:
        return self.unmatched.get(organization_id, [])

    def offer(self, organization_id: str, matcher: Matcher) -> None:
        """Match an event. Offer events in the order of acceptance."""
        webhooks = self.unmatched.get(organization_id)
        if not webhooks:
            return
        unmatched = []
        for webhook in webhooks:
            if matcher.refusal(webhook.facts) is None:
                self.matched.append((webhook, matcher.event.id))
            else:
                unmatched.append(webhook)
        self.unmatched[organization_id] = unmatched

    def claim(self, connection: Connection, now: int) -> dict[str, list[Candidate]]:
        """{event id: webhooks}, without those that another transaction claimed first."""
        claimed: dict[str, list[Candidate]] = defaultdict(list)
        for webhook, event_id in sorted(self.matched, key=lambda pair: pair[0].facts.id):
            statement = (
                update(Webhook)
                .where(Webhook.id == webhook.facts.id, ONCE_WAITING)
                .values(once_event_id=event_id, updated_at=now)
                .returning(Webhook.id)
            )
            if connection.scalar(statement) is not None:
                claimed[event_id].append(webhook)
        return claimed
