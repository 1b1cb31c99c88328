"""Webhooks that are good for one event: the first that matches takes it, and no other gets it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, or_, select, text, update

from app.domain.webhooks.matching import Matcher
from app.models import Organization, Webhook
from app.services.webhooks.cache import Candidate, candidate
from app.store.sessions import WriteSession

# As the partial index has it, to the word: SQLite takes no other for the same.
IS_WAITING = text(
    "webhooks.once AND webhooks.once_event_id IS NULL AND webhooks.deleted_at IS NULL"
)


def any_waiting() -> ColumnElement[bool]:
    """Whether an organization (of the enclosing statement) has one. In two parts, each of which
    fills the index's two columns; with fewer SQLite prefers another index, and reads all."""
    mine = exists().where(Webhook.organization_id == Organization.id, IS_WAITING)
    return or_(mine.where(Webhook.once_source.is_(None)), mine.where(Webhook.once_source >= ""))


@dataclass(slots=True)
class OnceWebhooks:
    """left: those that no event was offered to with success, by organization."""

    left: dict[str, list[Candidate]]
    chosen: list[tuple[Candidate, str]] = field(default_factory=list)

    @classmethod
    def waiting(
        cls, session: WriteSession, organizations: list[str], sources: Iterable[str | None]
    ) -> "OnceWebhooks":
        """Those that wait for one of the sources, or for any: found by index."""
        left: dict[str, list[Candidate]] = defaultdict(list)
        if not organizations:
            # As a rule: writing the statements down alone is a tenth of publishing's work.
            return cls(left)
        named = sorted(source for source in sources if source is not None)
        for condition in (Webhook.once_source.is_(None), Webhook.once_source.in_(named)):
            rows = session.scalars(
                select(Webhook)
                .where(Webhook.organization_id.in_(organizations), condition, IS_WAITING)
                .execution_options(populate_existing=True)
            )
            for row in sorted(rows, key=lambda row: row.id):
                left[row.organization_id].append(candidate(row))
        return cls(left)

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
                .where(Webhook.id == one.wants.id, IS_WAITING)
                .values(once_event_id=event_id, updated_at=now)
                .returning(Webhook.id)
                .execution_options(synchronize_session=False)
            )
            if session.scalar(statement) is not None:
                taken[event_id].append(one)
        return taken
