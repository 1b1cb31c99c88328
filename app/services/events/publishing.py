"""Publish events: commit an event and its deliveries, then wake the workers."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from app.domain.common.errors import CallboardError, FieldError, Invalid
from app.domain.events.event import EventDraft
from app.domain.webhooks.facts import WebhookFacts
from app.runtime.context import runtime
from app.runtime.metrics.requests import count_events
from app.services.events.accepted_lines import log_events
from app.services.events.conformity import checked_ahead
from app.services.events.drafts import Prepared, prepare
from app.services.events.group_commit import Entry, Receiver
from app.services.events.intake import Result, accept
from app.services.events.judging import Unjudged, judged_ahead, until_judged
from app.services.events.receipts import Accepted, Published
from app.services.events.traces import trace_events
from app.services.webhooks.cache import webhook_cache
from app.store.deadlocks import retry_on_deadlock
from app.store.transaction import write_transaction

__all__ = ["Published", "after_commit", "publish", "publish_batch", "publish_later"]


def publish(organization_id: str, draft: EventDraft) -> Published:
    """Accept one event. Concurrent calls share a transaction.

    Conflict: its id was used for another event. Invalid: the callback must not be called, or the
    payload does not match a schema that rejects it.
    NotFound: no such organization. Unavailable: the organization's filters are too busy.
    """
    return until_judged(_submit, [_prepared(organization_id, draft)]).published


def publish_later(organization_id: str, draft: EventDraft, receiver: Receiver) -> Entry:
    """Accept one event without waiting: `receiver` gets the entry, whose `outcome` is an Accepted.

    Raises the errors of `publish`, and WouldWait on an event loop if a filter or schema needs the
    sandbox.
    The outcome raises them too, and Unjudged: nothing was stored; call `publish` in a thread.
    """
    entry: Entry = runtime().group_commit.enqueue(_prepared(organization_id, draft), receiver)
    return entry


def publish_batch(organization_id: str, drafts: Sequence[EventDraft]) -> list[Published]:
    """Accept all events in one transaction, or none. Raises the errors of `publish`, with the
    position (`events[3]`) in fields and texts."""
    items: Sequence[Prepared] = [
        _prepare_at(position, organization_id, draft) for position, draft in enumerate(drafts)
    ]
    if not items:
        return []
    items = [judged_ahead(item, webhook_cache()) for item in items]
    items = checked_ahead(items, webhook_cache())
    results = until_judged(lambda ready: retry_on_deadlock(partial(_accept_all, ready)), items)
    after_commit(results)
    return [result.published for result in results]


def _prepared(organization_id: str, draft: EventDraft) -> Prepared:
    prepared = prepare(organization_id, draft, runtime().guard, runtime().tracing)
    [prepared] = checked_ahead((judged_ahead(prepared, webhook_cache()),), webhook_cache())
    return prepared


def _submit(items: Sequence[Prepared]) -> Accepted:
    [item] = items
    accepted: Accepted = runtime().group_commit.submit(item)
    return accepted


def publish_group(connection: Connection, items: Sequence[Prepared]) -> list[Result]:
    """Accept the events of several requests in one transaction. See `GroupCommit`."""
    return accept(connection, webhook_cache(), items)


def group_committed(results: Sequence[object]) -> None:
    """What follows the commit of a group, once for all its events."""
    after_commit([result for result in results if isinstance(result, Accepted)])


def _accept_all(items: Sequence[Prepared]) -> list[Accepted]:
    with write_transaction() as session:
        return _all_or_none(accept(session.connection(), webhook_cache(), items))


def after_commit(results: Sequence[Accepted]) -> None:
    """Wake the workers, count the events and cache new event types. Call it after the commit if
    you called `intake.accept` in a transaction of your own."""
    # First: receivers wait for it.
    due = {webhook for result in results for webhook in result.due}
    if due:
        runtime().wake_up.notify(due)
    new = [result.published for result in results if not result.published.duplicate]
    count_events(len(new), sum(len(event.deliveries) for event in new))
    log_events(results)
    tracing = runtime().tracing
    if tracing is not None:
        trace_events(tracing, results)
    webhook_cache().learn(result.new_type for result in results if result.new_type is not None)


def _prepare_at(position: int, organization_id: str, draft: EventDraft) -> Prepared:
    try:
        return prepare(organization_id, draft, runtime().guard, runtime().tracing)
    except CallboardError as error:
        raise _at(position, error) from error


def _all_or_none(results: Sequence[Result]) -> list[Accepted]:
    accepted: list[Accepted] = []
    unjudged: dict[int, Sequence[WebhookFacts]] = {}
    unchecked: list[int] = []
    for position, result in enumerate(results):
        if isinstance(result, Unjudged):
            if result.unchecked:
                unchecked.append(position)
            else:
                unjudged[position] = result.webhooks[0]
            continue
        if isinstance(result, CallboardError):
            raise _at(position, result)
        accepted.append(result)
    if unjudged or unchecked:
        raise Unjudged(unjudged, unchecked)
    return accepted


def _at(position: int, error: CallboardError) -> CallboardError:
    """The same error with the position of the event in the batch."""
    name = f"events[{position}]"
    if isinstance(error, Invalid):
        return Invalid(
            [FieldError(f"{name}.{e.field}", e.code, e.problem, e.remedy) for e in error.errors]
        )
    return type(error)(f"{name}: {error.detail}", **error.extra)
