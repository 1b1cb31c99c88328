"""Filters of lists of attempts, and their SQL conditions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.domain.deliveries.causes import OK
from app.models import Attempt, Delivery
from app.queries.common.scans import Condition, unindexed


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """succeeded: None for both. retried: of failed attempts, whether a retry was scheduled. status:
    of the response; status_class: its first digit; 0: there was no response. cause: the failure
    reason. types: of the event. is_test: whether it was a test send. slower: microseconds until
    the response began, at least. since, until: milliseconds since the epoch at which the attempt
    started, until excluded."""

    webhook_id: str | None = None
    event_id: str | None = None
    delivery_id: str | None = None
    succeeded: bool | None = None
    retried: bool | None = None
    status: int | None = None
    cause: str | None = None
    status_class: int | None = None
    types: Sequence[str] = ()
    source: str | None = None
    is_test: bool | None = None
    slower: int | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt with its delivery."""

    attempt: Attempt
    delivery: Delivery


def own(organization_id: str, filters: AttemptFilter) -> list[Condition]:
    """Conditions on deliveries that an index serves together with the order by id."""
    if filters.delivery_id is None and filters.event_id is None and filters.webhook_id is None:
        return [Delivery.organization_id == organization_id]
    conditions = [unindexed(Delivery.organization_id) == organization_id]
    if filters.delivery_id is not None:
        conditions.append(Delivery.id == filters.delivery_id)
    if filters.event_id is not None:
        conditions.append(Delivery.event_id == filters.event_id)
    if filters.webhook_id is not None:
        conditions.append(Delivery.webhook_id == filters.webhook_id)
    return conditions


def of_deliveries(filters: AttemptFilter) -> list[Condition]:
    """Conditions that no index of deliveries serves."""
    conditions: list[Condition] = []
    if filters.types:
        conditions.append(Delivery.event_type.in_(list(filters.types)))
    if filters.source is not None:
        conditions.append(Delivery.source == filters.source)
    if filters.is_test is not None:
        conditions.append(Delivery.is_test.is_(filters.is_test))
    return conditions


def of_attempts(filters: AttemptFilter) -> list[Condition]:
    conditions = [*_outcome(filters), *_response(filters)]
    if filters.since is not None:
        conditions.append(Attempt.started_at >= filters.since)
    if filters.until is not None:
        conditions.append(Attempt.started_at < filters.until)
    return conditions


def likely(filters: AttemptFilter) -> list[Condition]:
    """Conditions that are true of all deliveries with such attempts, so that those of others need
    not be looked up. A delivery has the outcome of its only attempt."""
    only = _status(Delivery.last_status, filters)
    if filters.cause is not None:
        only.append(Delivery.last_cause == filters.cause)
    if filters.succeeded is not None:
        is_ok = Delivery.last_cause == OK
        only.append(is_ok if filters.succeeded else Delivery.last_cause != OK)
    if filters.retried is not None:
        only.append(Delivery.last_cause != OK)
    return [or_(Delivery.attempts > 1, and_(*only))] if only else []


def _outcome(filters: AttemptFilter) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.succeeded is not None:
        conditions.append((Attempt.cause == OK) if filters.succeeded else (Attempt.cause != OK))
    if filters.retried is not None:
        # Unknown of those that a worker of the previous release recorded during the upgrade.
        retried = Attempt.retried.is_(True) if filters.retried else Attempt.retried.is_not(True)
        conditions += [Attempt.cause != OK, retried]
    if filters.cause is not None:
        conditions.append(Attempt.cause == filters.cause)
    return conditions


def _response(filters: AttemptFilter) -> list[Condition]:
    conditions = _status(Attempt.status, filters)
    if filters.slower is not None:
        conditions += [Attempt.status.is_not(None), Attempt.first_byte_us >= filters.slower]
    return conditions


def _status(column: InstrumentedAttribute[int | None], filters: AttemptFilter) -> list[Condition]:
    """Of the response."""
    conditions: list[Condition] = []
    if filters.status is not None:
        conditions.append(column == filters.status)
    if filters.status_class == 0:
        conditions.append(column.is_(None))
    elif filters.status_class is not None:
        lowest = filters.status_class * 100
        conditions.append(column.between(lowest, lowest + 99))
    return conditions
