"""Publishing: an event and its deliveries are committed before anybody is told so."""

from collections.abc import Sequence
from functools import partial

from app.domain.common.errors import CallboardError, FieldError, Invalid
from app.domain.events.event import EventDraft
from app.domain.webhooks.facts import WebhookFacts
from app.runtime.context import runtime
from app.services.events.drafts import Prepared, prepare
from app.services.events.intake import Result, accept
from app.services.events.judging import Unjudged, judged_ahead, until_judged
from app.services.events.receipts import Accepted, MadeDelivery, Published
from app.services.webhooks.cache import webhook_cache
from app.services.webhooks.overruns import note_filters
from app.store.deadlocks import retry_on_deadlock
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

__all__ = ["MadeDelivery", "Published", "after_commit", "publish", "publish_batch"]


def publish(organization_id: str, draft: EventDraft) -> Published:
    """Accept one event. Shares its transaction with the others that wait at the same instant.

    Conflict: its key was used for another event. Invalid: the callback cannot be called.
    NotFound: no such organization. Unavailable: the organization's filters are too busy.
    """
    prepared = prepare(organization_id, draft, runtime().guard)
    prepared = judged_ahead(prepared, webhook_cache())
    result = until_judged(_submit, [prepared])
    after_commit([result])
    return result.published


def publish_batch(organization_id: str, drafts: Sequence[EventDraft]) -> list[Published]:
    """Accept all of them in one transaction, or none. The errors of `publish`, with the place
    (`events[3]`) in their fields and texts."""
    items = [_prepared_at(place, organization_id, draft) for place, draft in enumerate(drafts)]
    if not items:
        return []
    items = [judged_ahead(item, webhook_cache()) for item in items]
    results = until_judged(lambda ready: retry_on_deadlock(partial(_accept_all, ready)), items)
    after_commit(results)
    return [result.published for result in results]


def _submit(items: Sequence[Prepared]) -> Accepted:
    [item] = items
    accepted: Accepted = runtime().group_commit.submit(item)
    return accepted


def publish_group(session: WriteSession, items: Sequence[Prepared]) -> list[Result]:
    """Accept the events of several requests in one transaction. See `GroupCommit`."""
    return accept(session, webhook_cache(), items)


def _accept_all(items: Sequence[Prepared]) -> list[Accepted]:
    with write_transaction() as session:
        return _all_or_none(accept(session, webhook_cache(), items))


def after_commit(results: Sequence[Accepted]) -> None:
    """What must not be said before: for whoever calls `event_intake.accept` in a transaction of
    its own."""
    webhook_cache().learn(result.new_type for result in results if result.new_type is not None)
    if any(result.is_due for result in results):
        runtime().wake_up.notify()
    note_filters(result.judged for result in results if result.judged is not None)


def _prepared_at(place: int, organization_id: str, draft: EventDraft) -> Prepared:
    try:
        return prepare(organization_id, draft, runtime().guard)
    except CallboardError as error:
        raise _at(place, error) from error


def _all_or_none(results: Sequence[Result]) -> list[Accepted]:
    accepted: list[Accepted] = []
    unjudged: dict[int, Sequence[WebhookFacts]] = {}
    for place, result in enumerate(results):
        if isinstance(result, Unjudged):
            unjudged[place] = result.webhooks[0]
            continue
        if isinstance(result, CallboardError):
            raise _at(place, result)
        accepted.append(result)
    if unjudged:
        raise Unjudged(unjudged)
    return accepted


def _at(place: int, error: CallboardError) -> CallboardError:
    """The same error, telling which event of the batch it is about."""
    name = f"events[{place}]"
    if isinstance(error, Invalid):
        return Invalid(
            [FieldError(f"{name}.{e.field}", e.code, e.problem, e.remedy) for e in error.errors]
        )
    return type(error)(f"{name}: {error.detail}", **error.extra)
