"""The transaction of publishing: many events of any organizations, a few statements for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError, NotFound
from app.domain.common.ids import new_id
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.matching import Matcher
from app.queries.events import publishing as publishing_queries
from app.services.events.drafts import Prepared
from app.services.events.judging import Unjudged, needs_judging
from app.services.events.receipts import Accepted, Made, repeated
from app.services.events.rows import EventRows, Wanted, insert_keys, insert_types
from app.services.webhooks.cache import OrganizationWebhooks, WebhookCache
from app.services.webhooks.callback_targets import CallbackTarget, callback_target_ids
from app.services.webhooks.one_time import OnceWebhooks
from app.store import key_order as ordering
from app.store.sessions import WriteSession

# Unjudged, of index 0: nothing of this event was stored.
Result = Accepted | CallboardError | Unjudged


def accept(session: WriteSession, cache: WebhookCache, items: Sequence[Prepared]) -> list[Result]:
    """The answer or the error of each, in order; all rows are in the open transaction.

    The order of the locks is always organizations, idempotency keys, event types, lanes, `once`
    webhooks, ordering keys, so that two transactions do not wait for each other.
    """
    intake = _Intake(session, cache, [_made(item) for item in items], now_ms())
    return intake.run()


@dataclass(slots=True)
class _Intake:
    session: WriteSession
    cache: WebhookCache
    made: list[Made]
    now: int
    known: dict[str, OrganizationWebhooks] = field(default_factory=dict)
    unjudged: dict[str, Unjudged] = field(default_factory=dict)

    def run(self) -> list[Result]:
        organizations = self._open_organizations()
        once = self._once(organizations)
        self._find_unjudged(once)
        known = [
            made
            for made in self.made
            if made.organization_id in self.known and made.id not in self.unjudged
        ]
        fresh = self._fresh(known)
        self._join_catalogue(fresh)
        self._choose(fresh, once)
        self._add_callbacks(fresh)
        rows = EventRows(self.now)
        for made in fresh:
            rows.add(made.id, made.item, made.wanted)
        rows.store(self.session)
        repeats = repeated([made for made in known if not made.is_fresh])
        return [self._result(made, repeats) for made in self.made]

    def _result(self, made: Made, repeats: Mapping[str, Result]) -> Result:
        if made.organization_id not in self.known:
            return NotFound("There is no such organization.")
        if made.id in self.unjudged:
            return self.unjudged[made.id]
        return made.accepted() if made.is_fresh else repeats[made.id]

    def _open_organizations(self) -> list[str]:
        """Read what each organization's webhooks are now. Those with `once` webhooks waiting."""
        ids = sorted({made.organization_id for made in self.made})
        ordering.lock_organizations(self.session, ids, shared=True)
        rows = publishing_queries.organizations(ids)
        for organization_id, version, _ in rows:
            self.known[organization_id] = self.cache.get(organization_id, version)
        return [row[0] for row in rows if row[2]]

    def _fresh(self, known: list[Made]) -> list[Made]:
        keyed = [made for made in known if made.item.fingerprint is not None]
        new = insert_keys(self.session, ((made.id, made.item) for made in keyed), self.now)
        for made in known:
            made.is_fresh = made.item.fingerprint is None or made.id in new
        return [made for made in known if made.is_fresh]

    def _join_catalogue(self, fresh: list[Made]) -> None:
        for made in fresh:
            made.is_new_type = made.item.draft.type not in self.known[made.organization_id].types
        names = [(made.organization_id, made.item.draft.type) for made in fresh if made.is_new_type]
        insert_types(self.session, names, self.now)

    def _once(self, organizations: list[str]) -> OnceWebhooks:
        sources = {made.item.draft.source for made in self.made}
        return OnceWebhooks.waiting(organizations, sources)

    def _find_unjudged(self, once: OnceWebhooks) -> None:
        """Filters that only the sandbox may judge are not judged in a transaction."""
        for made in self.made:
            known = self.known.get(made.organization_id)
            waiting = once.waiting_in(made.organization_id)
            if known is None or not (known.has_filters or waiting):
                continue
            draft = made.item.draft
            candidates = [*known.candidates(draft.type, draft.source), *waiting]
            webhooks = [candidate.wants for candidate in candidates]
            if needs_judging(made.item, self._event(made), webhooks):
                self.unjudged[made.id] = Unjudged({0: webhooks})

    def _event(self, made: Made) -> EventFacts:
        draft = made.item.draft
        occurred_at = self.now if draft.occurred_at is None else draft.occurred_at
        return EventFacts(made.id, draft.type, draft.source, occurred_at, draft.payload)

    def _choose(self, fresh: Iterable[Made], once: OnceWebhooks) -> None:
        for made in fresh:
            draft, evaluation = made.item.draft, made.item.evaluation
            matcher = Matcher(self._event(made), evaluation.verdicts if evaluation else {})
            candidates = self.known[made.organization_id].candidates(draft.type, draft.source)
            for candidate in candidates:
                refusal = matcher.refusal(candidate.wants)
                if refusal is None:
                    made.wanted.append(_wanted(candidate.wants, candidate.active, made.item))
                if evaluation and candidate.wants.filter in evaluation.verdicts:
                    over_budget = refusal is not None and refusal.reason == "filter_budget"
                    made.judged[candidate.wants.id] = over_budget
            once.offer(made.organization_id, matcher)
        taken = once.take(self.session, self.now)
        for made in fresh:
            made.wanted += [_wanted(o.wants, o.active, made.item) for o in taken.get(made.id, ())]

    def _add_callbacks(self, fresh: list[Made]) -> None:
        lanes = {made.id: lane for made in fresh if (lane := _lane(made.item)) is not None}
        ids = callback_target_ids(self.session, lanes.values(), self.now) if lanes else {}
        for made in fresh:
            if made.item.callback is not None:
                lane_id = ids[lanes[made.id]]
                made.wanted.append(Wanted(lane_id, active=True, url=made.item.callback.url))


def _made(item: Prepared) -> Made:
    return Made(new_id() if item.evaluation is None else item.evaluation.event_id, item)


def _lane(item: Prepared) -> CallbackTarget | None:
    callback = item.callback
    if callback is None:
        return None
    return CallbackTarget(item.organization_id, callback.preset, callback.origin)


def _wanted(webhook: WebhookFacts, active: bool, item: Prepared) -> Wanted:
    draft = item.draft
    key = ordering.key_of(draft.ordering_key, draft.source) if webhook.ordered else None
    return Wanted(webhook.id, active, key)
