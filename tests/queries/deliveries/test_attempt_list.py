"""The list of attempts, compared with the rows themselves."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.common.ids import first_id_of, new_id
from app.domain.deliveries.lateness import late_at
from app.models import Attempt, Delivery, Event
from app.models.common.base import db
from app.queries.common.pages import encode_cursor
from app.queries.deliveries import attempt_batches, attempt_list
from app.queries.deliveries.attempt_filters import AttemptFilter
from app.services.accounts import organizations
from app.store.transaction import write_transaction
from app.web.attempts.filters import MAX_SLOWER
from tests.queries.searches import examine

NOW = now_ms()
# The same in each process that collects the tests.
ID = "01a204ec-d40b-73ee-aca6-10a4db67920e"
MINUTE, HOUR = 60_000, 3_600_000
HOOKS = (new_id(), new_id())
ENDS = ((200, "ok"), (503, "status"), (None, "dns"), (302, "redirect"))
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Stored:
    key: Key
    webhook_id: str
    type: str
    started_at: int
    status: int | None
    cause: str
    retried: bool | None
    is_test: bool


def id_at(ms: int, number: int) -> str:
    return f"{first_id_of(ms)[:-12]}{number:012x}"


def store(organization_id: str, number: int, created_at: int, started: list[int]) -> list[Stored]:
    """A delivery with an attempt at each of these times."""
    event_id, id_, hook = new_id(), id_at(created_at, number), HOOKS[number % 2]
    shared: dict[str, Any] = {"organization_id": organization_id, "created_at": created_at}
    type_, is_test = ("a.b", "c.d")[number % 3 == 0], number % 7 == 0
    event = Event(id=event_id, type=type_, occurred_at=created_at, payload=b"{}", **shared)
    delivery = Delivery(
        id=id_,
        event_id=event_id,
        event_type=type_,
        state="failed",
        webhook_id=hook,
        attempts=len(started),
        updated_at=created_at,
        is_test=is_test,
        **shared,
    )
    rows: list[Stored] = []
    for n, at in enumerate(started, start=1):
        status, cause = ENDS[(number + n) % len(ENDS)]
        retried = None if cause == "ok" else n < len(started)
        rows.append(Stored((id_, n), hook, type_, at, status, cause, retried, is_test))
    delivery.last_status, delivery.last_cause = rows[-1].status, rows[-1].cause
    with write_transaction() as session:
        session.add(event)
        session.flush()
        session.add_all([delivery, *(attempt_of(organization_id, row) for row in rows)])
    return rows


def attempt_of(organization_id: str, row: Stored) -> Attempt:
    id_, number = row.key
    return Attempt(
        organization_id=organization_id,
        webhook_id=row.webhook_id,
        delivery_id=id_,
        number=number,
        started_at=row.started_at,
        cause=row.cause,
        status=row.status,
        url="https://example.com",
        request_head=b"",
        first_byte_us=number * 1000 if row.status else None,
        total_us=1,
        late_at=late_at(row.started_at, id_),
        retried=row.retried,
    )


@pytest.fixture
def stored(organization: Any) -> list[Stored]:
    """Some begin soon after their delivery, some hours later, and one before it."""
    draws = random.Random(11)
    rows: list[Stored] = []
    for number in range(24):
        created = NOW - draws.randrange(6 * HOUR)
        first = created + draws.choice((20, 2_000, 4 * MINUTE, 3 * HOUR))
        later = [first + draws.choice((5_000, 20 * MINUTE, HOUR)) * n for n in range(1, number % 4)]
        rows += store(organization.id, number, created, [first, *later])
    rows += store(organization.id, 50, NOW - HOUR, [NOW - HOUR - 10 * MINUTE, NOW - HOUR + 5])
    other = organizations.create("Other")
    store(other.id, 99, NOW - HOUR, [NOW - HOUR])
    return rows


def listed(organization_id: str, filters: AttemptFilter, limit: int) -> list[Key]:
    keys, cursor = [], None
    for _ in range(200):
        page = attempt_list.page(organization_id, filters, limit, cursor)
        assert len(page.rows) <= limit
        keys += [(row.delivery.id, row.attempt.number) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return keys
    raise AssertionError("the list does not end")


FILTERS: dict[str, tuple[AttemptFilter, Callable[[Stored], bool]]] = {
    "all": (AttemptFilter(), lambda row: True),
    "webhook": (AttemptFilter(webhook_id=HOOKS[1]), lambda row: row.webhook_id == HOOKS[1]),
    "type": (AttemptFilter(types=("c.d",)), lambda row: row.type == "c.d"),
    "status": (AttemptFilter(status=503), lambda row: row.status == 503),
    "class": (AttemptFilter(status_class=3), lambda row: row.status == 302),
    "no response": (AttemptFilter(status_class=0), lambda row: row.status is None),
    "cause": (AttemptFilter(cause="dns"), lambda row: row.cause == "dns"),
    "failed": (AttemptFilter(succeeded=False), lambda row: row.cause != "ok"),
    "retried": (AttemptFilter(retried=True), lambda row: bool(row.retried)),
    "final": (AttemptFilter(retried=False), lambda row: row.retried is False),
    "tests": (AttemptFilter(is_test=True), lambda row: row.is_test),
    "slow": (
        AttemptFilter(slower=2000),
        lambda row: row.status is not None and row.key[1] >= 2,
    ),
    "since": (AttemptFilter(since=NOW - 2 * HOUR), lambda row: row.started_at >= NOW - 2 * HOUR),
    "until": (AttemptFilter(until=NOW - 2 * HOUR), lambda row: row.started_at < NOW - 2 * HOUR),
    "between": (
        AttemptFilter(since=NOW - 3 * HOUR, until=NOW - HOUR, webhook_id=HOOKS[0]),
        lambda row: row.webhook_id == HOOKS[0] and NOW - 3 * HOUR <= row.started_at < NOW - HOUR,
    ),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize(
    "sizes", [(100, 5000, 0), (3, 5000, 0), (3, 2, 0), (3, 2, 60), (1, 1, 0), (4, 1, 60)]
)
def test_pages_have_each_matching_attempt_once(
    stored: list[Stored],
    monkeypatch: pytest.MonkeyPatch,
    organization: Any,
    name: str,
    sizes: tuple[int, int, int],
) -> None:
    filters, matches = FILTERS[name]
    limit, examined, seconds = sizes
    examine(monkeypatch, examined, seconds=seconds)
    keys = listed(organization.id, filters, limit)
    assert len(keys) == len(set(keys))
    assert set(keys) == {row.key for row in stored if matches(row)}


def test_the_order_is_the_same_on_pages_of_any_size(
    organization: Any, stored: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listed(organization.id, AttemptFilter(), 1000)
    assert listed(organization.id, AttemptFilter(), 4) == whole
    examine(monkeypatch, 3)
    assert listed(organization.id, AttemptFilter(), 4) == whole
    monkeypatch.setattr(attempt_batches, "EXAMINED_ATTEMPTS", 2)
    assert listed(organization.id, AttemptFilter(), 4) == whole
    times = {row.key: row.started_at for row in stored}
    started = [times[key] for key in whole]
    assert all(older - newer <= 6 * MINUTE for newer, older in pairwise(started))


def test_a_page_examines_a_bounded_number_of_attempts(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        store(organization.id, number, NOW - number, [NOW + n for n in range(4)])
    monkeypatch.setattr(attempt_batches, "EXAMINED_ATTEMPTS", 10)
    examine(monkeypatch, 100)
    never = AttemptFilter(until=NOW)
    pages: list[int | None] = []
    cursor = None
    while not pages or cursor:
        page = attempt_list.page(organization.id, never, 50, cursor)
        cursor = page.next_cursor
        pages.append(attempt_list.searched_to(cursor))
    # Three deliveries, with four attempts each.
    assert pages == [NOW - 2, NOW - 5, None]


def test_a_page_goes_on_within_its_time_until_it_is_full(
    organization: Any, stored: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(monkeypatch, 2, seconds=60)
    page = attempt_list.page(organization.id, AttemptFilter(), 20)
    assert [(row.delivery.id, row.attempt.number) for row in page.rows] == listed(
        organization.id, AttemptFilter(), 1000
    )[:20]


@pytest.mark.parametrize("name", ["event_id", "delivery_id"])
def test_late_attempts_are_those_of_the_event_or_delivery(organization: Any, name: str) -> None:
    mine, _ = (
        store(organization.id, number, NOW - HOUR, [NOW - HOUR, NOW])[1] for number in (1, 2)
    )
    delivery = db.session.get_one(Delivery, mine.key[0])
    values = {"event_id": delivery.event_id, "delivery_id": delivery.id}
    filters = AttemptFilter(**{name: values[name]})  # type: ignore[arg-type]
    assert listed(organization.id, filters, 10) == [mine.key, (delivery.id, 1)]


def test_the_longest_response_time_of_the_filter_can_be_looked_for(organization: Any) -> None:
    assert listed(organization.id, AttemptFilter(slower=MAX_SLOWER * 1000), 10) == []


@pytest.mark.parametrize("key", ["", "x", ID, f"1.2.{ID}.1", f"1.1.{ID}", f"1.0.{'0' * 36}.1"])
def test_a_cursor_of_another_list_is_refused(organization: Any, key: str) -> None:
    with pytest.raises(Invalid):
        attempt_list.page(organization.id, AttemptFilter(), 10, encode_cursor(key) + "A")


@pytest.mark.parametrize(
    ("waited", "is_late"),
    [(-60_001, True), (-60_000, False), (0, False), (300_000, False), (300_001, True)],
)
def test_attempts_long_after_or_before_their_delivery_are_late(waited: int, is_late: bool) -> None:
    at = NOW + waited
    assert late_at(at, first_id_of(NOW)) == (at if is_late else None)
