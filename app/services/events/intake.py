"""Accept events of any organizations in one transaction, with a few statements for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError, NotFound, QuotaExceeded, Suspended
from app.domain.common.ids import new_id
from app.domain.event_types.fields import REJECT
from app.domain.events.event import EventFacts
from app.domain.webhooks.matching import Matcher
from app.queries.events import publishing as publishing_queries
from app.runtime.context import runtime
from app.services.event_types.payload_checks import text_of
from app.services.events.conformity import rejection
from app.services.events.drafts import Prepared
from app.services.events.judging import Unjudged, needs_judging
from app.services.events.receipts import Accepted, Submission, repeated, unused
from app.services.events.rows import EventRows, NewDelivery, insert_keys, insert_types
from app.services.webhooks.cache import Candidate, OrganizationWebhooks, WebhookCache
from app.services.webhooks.callback_targets import CallbackTarget, callback_target_ids
from app.services.webhooks.one_time import OneTimeWebhooks
from app.store import event_values
from app.store import key_order as ordering

# Unjudged, of index 0: nothing of this event was stored.
Result = Accepted | CallboardError | Unjudged


def accept(connection: Connection, cache: WebhookCache, items: Sequence[Prepared]) -> list[Result]:
    """Add all rows to the open transaction, in which the session is, too. Returns the result or
    error of each item, in order.

    Locks are always taken in the order organizations, idempotency keys, event types, callback
    targets, one-time webhooks, ordering keys, so that two transactions do not deadlock.
    """
    submissions = [_submission(item) for item in items]
    return _Intake(connection, cache, submissions, now_ms()).run()


@dataclass(slots=True)
class _Intake:
    connection: Connection
    cache: WebhookCache
    submissions: list[Submission]
    now: int
    webhooks: dict[str, OrganizationWebhooks] = field(default_factory=dict)
    # The most deliveries per event, by organization.
    quotas: dict[str, int] = field(default_factory=dict)
    # By submission id: nothing of these is stored.
    refused: dict[str, CallboardError | Unjudged] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    # Organizations that search by payload values.
    indexing: set[str] = field(default_factory=set)

    def run(self) -> list[Result]:
        sources = {submission.item.draft.source for submission in self.submissions}
        one_time = OneTimeWebhooks.waiting(self._read_organizations(), sources)
        self._find_unjudged(one_time)
        self._find_mismatched()
        self._find_above_quota(one_time)
        known = [
            submission
            for submission in self.submissions
            if submission.organization_id in self.webhooks and submission.id not in self.refused
        ]
        new = self._new(known)
        self._add_event_types(new)
        self._match(new, one_time)
        self._add_callbacks(new)
        rows = EventRows(self.now)
        for submission in new:
            if submission.item.mismatches:
                rows.mismatches[submission.id] = text_of(submission.item.mismatches)
            rows.add(submission.id, submission.item, submission.deliveries)
            if submission.organization_id in self.indexing:
                rows.values += event_values.packed_rows(submission.id, submission.item.hashes)
        if runtime().tracing is not None:
            rows.traceparents = _traceparents(new)
        rows.insert(self.connection)
        repeats = repeated([submission for submission in known if not submission.is_new])
        return [self._result(submission, repeats) for submission in self.submissions]

    def _result(self, submission: Submission, repeats: Mapping[str, Result]) -> Result:
        if submission.organization_id in self.suspended:
            return Suspended()
        if submission.organization_id not in self.webhooks:
            return NotFound("There is no such organization.")
        if submission.id in self.refused:
            return self.refused[submission.id]
        return submission.accepted() if submission.is_new else repeats[submission.id]

    def _read_organizations(self) -> list[str]:
        """Load the webhooks of each organization. Returns those with one-time webhooks waiting."""
        ids = sorted({submission.organization_id for submission in self.submissions})
        ordering.lock_organizations(self.connection, ids, shared=True)
        rows = publishing_queries.organizations(self.connection, ids)
        self.suspended = {row.id for row in rows if row.suspended_at is not None}
        active = [row for row in rows if row.suspended_at is None]
        self.indexing = {row.id for row in active if row.indexes_values in (None, True)}
        default = runtime().settings.quotas.deliveries_per_event
        for row in active:
            self.webhooks[row.id] = self.cache.get(row.id, row.webhooks_version)
            self.quotas[row.id] = row.max_deliveries or default
        return [row.id for row in active if row.has_one_time_waiting]

    def _new(self, known: list[Submission]) -> list[Submission]:
        """Submissions without an idempotency key, or whose key was not used before."""
        keyed = [s for s in known if s.item.fingerprint is not None]
        unused = insert_keys(self.connection, ((s.id, s.item) for s in keyed), self.now)
        for submission in known:
            submission.is_new = submission.item.fingerprint is None or submission.id in unused
        return [submission for submission in known if submission.is_new]

    def _add_event_types(self, new: list[Submission]) -> None:
        for submission in new:
            types = self.webhooks[submission.organization_id].types
            submission.is_new_type = submission.item.draft.type not in types
        names = [(s.organization_id, s.item.draft.type) for s in new if s.is_new_type]
        insert_types(self.connection, names, self.now)

    def _find_unjudged(self, one_time: OneTimeWebhooks) -> None:
        """Filters that need the sandbox do not run inside a transaction."""
        for submission in self.submissions:
            known = self.webhooks.get(submission.organization_id)
            waiting = one_time.waiting_in(submission.organization_id)
            if known is None or not (known.has_filters or waiting):
                continue
            draft = submission.item.draft
            candidates = [*known.candidates(draft.type, draft.source), *waiting]
            webhooks = [candidate.facts for candidate in candidates]
            if needs_judging(submission.item, self._event(submission), webhooks):
                self.refused[submission.id] = Unjudged({0: webhooks})

    def _find_mismatched(self) -> None:
        """Refuse events that do not match the schema of a type that rejects them."""
        rejected = []
        for submission in self.submissions:
            known = self.webhooks.get(submission.organization_id)
            item = submission.item
            if known is None or submission.id in self.refused:
                continue
            check = known.checks.get(item.draft.type) if known.checks else None
            if check is None:
                if item.mismatches:
                    # Its type no longer asks for it.
                    submission.item = replace(item, mismatches=None)
            elif item.mismatches is None:
                self.refused[submission.id] = Unjudged({}, unchecked=(0,))
            elif item.mismatches and check == REJECT:
                rejected.append(submission)
        for submission in unused(rejected):
            self.refused[submission.id] = rejection(submission.item)

    def _find_above_quota(self, one_time: OneTimeWebhooks) -> None:
        """Checks only organizations with more webhooks than deliveries per event."""
        numbers, above = {}, []
        for submission in self.submissions:
            known = self.webhooks.get(submission.organization_id)
            if known is None or submission.id in self.refused:
                continue
            waiting = one_time.waiting_in(submission.organization_id)
            quota = self.quotas[submission.organization_id]
            if known.number + len(waiting) < quota:
                continue
            draft, matcher = submission.item.draft, self._matcher(submission)
            candidates = [*known.candidates(draft.type, draft.source), *waiting]
            number = sum(matcher.refusal(each.facts) is None for each in candidates)
            number += submission.item.callback is not None
            if number > quota:
                numbers[submission.id] = number
                above.append(submission)
        for submission in unused(above):
            self.refused[submission.id] = QuotaExceeded(
                f"This event would create {numbers[submission.id]:,} deliveries; this"
                f" organization's quota is {self.quotas[submission.organization_id]:,} deliveries"
                " per event. Restrict the webhooks' event types or sources, or ask the operator of"
                " this installation to raise the quota."
            )

    def _matcher(self, submission: Submission) -> Matcher:
        evaluation = submission.item.evaluation
        return Matcher(self._event(submission), evaluation.verdicts if evaluation else {})

    def _event(self, submission: Submission) -> EventFacts:
        draft = submission.item.draft
        occurred_at = self.now if draft.occurred_at is None else draft.occurred_at
        return EventFacts(submission.id, draft.type, draft.source, occurred_at, draft.payload)

    def _match(self, new: Iterable[Submission], one_time: OneTimeWebhooks) -> None:
        for submission in new:
            draft, matcher = submission.item.draft, self._matcher(submission)
            webhooks = self.webhooks[submission.organization_id]
            submission.deliveries = [
                _delivery(candidate, submission.item)
                for candidate in webhooks.candidates(draft.type, draft.source)
                if matcher.refusal(candidate.facts) is None
            ]
            one_time.offer(submission.organization_id, matcher)
        claimed = one_time.claim(self.connection, self.now)
        for submission in new:
            submission.deliveries += [
                _delivery(candidate, submission.item)
                for candidate in claimed.get(submission.id, ())
            ]

    def _add_callbacks(self, new: list[Submission]) -> None:
        targets = {s.id: target for s in new if (target := _callback_target(s.item)) is not None}
        ids = callback_target_ids(targets.values(), self.now) if targets else {}
        for submission in new:
            callback = submission.item.callback
            if callback is not None:
                webhook_id = ids[targets[submission.id]]
                submission.deliveries.append(NewDelivery(webhook_id, active=True, url=callback.url))


def _traceparents(submissions: Iterable[Submission]) -> dict[str, str]:
    traces = {submission.id: submission.item.trace for submission in submissions}
    return {event_id: trace.context.header for event_id, trace in traces.items() if trace}


def _submission(item: Prepared) -> Submission:
    return Submission(new_id() if item.evaluation is None else item.evaluation.event_id, item)


def _callback_target(item: Prepared) -> CallbackTarget | None:
    callback = item.callback
    if callback is None:
        return None
    return CallbackTarget(item.organization_id, callback.preset, callback.origin)


def _delivery(candidate: Candidate, item: Prepared) -> NewDelivery:
    draft, key = item.draft, None
    if candidate.facts.ordered:
        key = ordering.key_of(draft.ordering_key, draft.source)
    return NewDelivery(candidate.facts.id, candidate.active, key)
