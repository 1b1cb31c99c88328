"""Webhooks that are good for one event: the first that matches takes it, and no other gets it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import update

from app.domain.webhooks.matching import Matcher
from app.models import Webhook
from app.models.webhooks import ONCE_WAITING
from app.queries import webhooks as webhook_queries
from app.services.webhooks.cache import Candidate, candidate
from app.store.sessions import WriteSession


@dataclass(slots=True)
class OnceWebhooks:
    """left: those that no event was offered to with success, by organization."""

    left: dict[str, list[Candidate]]
    chosen: list[tuple[Candidate, str]] = field(default_factory=list)

    @classmethod
    def waiting(cls, organizations: list[str], sources: Iterable[str | None]) -> "OnceWebhooks":
        """Those that wait for one of the sources, or for any: found by index."""
        left: dict[str, list[Candidate]] = defaultdict(list)
        if organizations:
            for row in webhook_queries.one_time_waiting(organizations, sources):
                left[row.organization_id].append(candidate(row))
        return cls(left)

    def waiting_in(self, organization_id: str) -> list[Candidate]:
        return self.left.get(organization_id, [])

    def offer(self, organization_id: str, chooser: Matcher) -> None:
        """Let each that matches choose the event. Offer events in the order of acceptance."""
        waiting = self.left.get(organization_id)
        if not waiting:
            return
        still = []
        for one in waiting:
            if chooser.refusal(one.wants) is None:
                self.chosen.append((one, chooser.event.id))
            else:
                still.append(one)
        self.left[organization_id] = still

    def take(self, session: WriteSession, now: int) -> dict[str, list[Candidate]]:
        """{event id: webhooks}, of those that no other transaction took first."""
        taken: dict[str, list[Candidate]] = defaultdict(list)
        for one, event_id in sorted(self.chosen, key=lambda pair: pair[0].wants.id):
            statement = (
                update(Webhook)
                .where(Webhook.id == one.wants.id, ONCE_WAITING)
                .values(once_event_id=event_id, updated_at=now)
                .returning(Webhook.id)
                .execution_options(synchronize_session=False)
            )
            if session.scalar(statement) is not None:
                taken[event_id].append(one)
        return taken
