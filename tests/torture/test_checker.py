"""The checker finds each kind of broken promise in a history, and none in a right one."""

from copy import deepcopy
from typing import Any

import pytest

from torture.checker import check
from torture.figures import figures
from torture.rows import Snapshot

Line = dict[str, Any]


def _webhook(name: str, types: list[str] | None = None, *, ordered: bool = False) -> Line:
    return {"kind": "webhook", "webhook": name, "types": types, "ordered": ordered, "at": 0.0}


def _sent(event: str, at: float, number: int = 0, key: str | None = None) -> list[Line]:
    return [
        {"kind": "sent", "event": event, "type": "a", "key": key, "number": number, "at": at},
        {"kind": "answered", "event": event, "status": 202, "seconds": 0.1, "at": at + 0.1},
        {
            "kind": "accepted", "event": event, "event_id": f"id-{event}",
            "deliveries": {"all": f"d-{event}"}, "at": at + 0.1,
        },
    ]  # fmt: skip


def _received(event: str, at: float, status: int = 200, **more: Any) -> Line:
    line = {
        "kind": "received", "webhook": "all", "event": event, "event_id": f"id-{event}",
        "delivery": f"d-{event}", "identity": f"m-{event}", "status": status,
        "began": at, "at": at + 0.1,
    }  # fmt: skip
    return line | more


RIGHT = [
    _webhook("all", ordered=True),
    _webhook("other", ["b"]),
    *_sent("e1", 1.0, 1, "k"),
    *_sent("e2", 2.0, 2, "k"),
    _received("e1", 3.0, 500),
    _received("e1", 4.0),
    _received("e2", 5.0),
]
ROWS = Snapshot(
    deliveries=[("d-e1", "id-e1", "all", "succeeded", 2), ("d-e2", "id-e2", "all", "succeeded", 1)],
    attempts=[("d-e1", 1, "status"), ("d-e1", 2, "ok"), ("d-e2", 1, "ok")],
    in_flight={"all": 0},
    counted=3,
)
KILL = {"kind": "fault", "name": "kill worker", "began": 5.0, "at": 5.0}


def _rows(**changes: Any) -> Snapshot:
    snapshot = deepcopy(ROWS)
    for name, value in changes.items():
        setattr(snapshot, name, value)
    return snapshot


def test_a_right_history_is_right() -> None:
    assert check(RIGHT, ROWS) == []


BROKEN_HISTORIES = {
    "lost: event e2": [line for line in RIGHT if line != _received("e2", 5.0)],
    "lost: event e1": [line for line in RIGHT if line != _received("e1", 4.0)],
    "lost: event e2 was accepted and did not arrive at webhook third": [*RIGHT, _webhook("third"),
        _received("e1", 9.0, webhook="third", delivery="x")],
    "unknown: event e9": [*RIGHT, _received("e9", 6.0)],
    "unknown: event e8 arrived and was refused": [
        *RIGHT,
        {"kind": "sent", "event": "e8", "type": "a", "key": None, "number": 0, "at": 6.0},
        {"kind": "answered", "event": "e8", "status": 422, "seconds": 0.1, "at": 6.1},
        _received("e8", 7.0),
    ],
    "unknown: event e1 arrived at webhook other": [*RIGHT, _received("e1", 6.0, webhook="other")],
    "ids: event e1 was accepted as": [*RIGHT, {**_sent("e1", 6.0, 1, "k")[2], "event_id": "new"}],
    "ids: event e1 changed": [
        line if line != _received("e1", 4.0) else _received("e1", 4.0, identity="other")
        for line in RIGHT
    ],
    "ids: event e2 changed": [
        line if line != _received("e2", 5.0) else _received("e2", 5.0, delivery="other")
        for line in RIGHT
    ],
    "order: k 2": [
        line if line != _received("e2", 5.0) else _received("e2", 4.05) for line in RIGHT
    ],
    "repeat: event e2": [*RIGHT, _received("e2", 6.0)],
}  # fmt: skip


@pytest.mark.parametrize("expected", BROKEN_HISTORIES)
def test_a_broken_history_is_found(expected: str) -> None:
    assert any(text.startswith(expected) for text in check(BROKEN_HISTORIES[expected], ROWS))


BROKEN_ROWS = {
    "stuck: delivery d-e2 is retrying": _rows(
        deliveries=[ROWS.deliveries[0], ("d-e2", "id-e2", "all", "retrying", 1)]
    ),
    "stuck: delivery d-e2 is still": _rows(due=[("d-e2", None)]),
    "claims: delivery d-e2": _rows(due=[("d-e2", 7)], workers=[8]),
    "in flight: webhook all has 1": _rows(in_flight={"all": 1}),
    "attempts: delivery d-e1 has [2]": _rows(attempts=ROWS.attempts[1:]),
    "attempts: delivery d-e2 has []": _rows(attempts=ROWS.attempts[:2]),
    "attempts: delivery d-e2 succeeded without": _rows(
        attempts=[*ROWS.attempts[:2], ("d-e2", 1, "status")]
    ),
    "counters: 2": _rows(counted=2),
    "database": _rows(is_intact=False),
    "rows: event id-e1 has 2": _rows(
        deliveries=[*ROWS.deliveries, ("d-x", "id-e1", "all", "succeeded", 0)]
    ),
    "rows: delivery d-e2 is failed": _rows(
        deliveries=[ROWS.deliveries[0], ("d-e2", "id-e2", "all", "failed", 1)]
    ),
}


@pytest.mark.parametrize("expected", BROKEN_ROWS)
def test_broken_rows_are_found(expected: str) -> None:
    assert any(text.startswith(expected) for text in check(RIGHT, BROKEN_ROWS[expected]))


def test_a_repeat_of_what_was_in_flight_at_a_fault_is_allowed() -> None:
    repeated = [*RIGHT, KILL, _received("e2", 20.0)]
    assert check(repeated, ROWS) == []
    assert figures(repeated).repeated == 1


def test_a_repeat_long_after_a_fault_is_not_explained_by_it() -> None:
    late = [*RIGHT, {**KILL, "began": -100.0, "at": -99.0}, _received("e2", 20.0)]
    assert check(late, ROWS) != []


def test_an_event_whose_producer_got_no_answer_may_arrive_or_not() -> None:
    unsure = [
        {"kind": "sent", "event": "e3", "type": "a", "key": None, "number": 0, "at": 6.0},
        {"kind": "answered", "event": "e3", "status": 0, "seconds": 1.0, "at": 7.0},
    ]
    assert check([*RIGHT, *unsure], ROWS) == []
    assert check([*RIGHT, *unsure, _received("e3", 8.0)], ROWS) == []


def test_figures_are_counted_from_the_history() -> None:
    matches = figures([*RIGHT, KILL, _received("e2", 5.05)])
    assert (matches.accepted, matches.expected, matches.requests) == (2, 2, 4)
    assert (matches.lost, matches.repeated, matches.overlapping) == (0, 1, 1)
    assert matches.faults == {"kill worker": 1}
    assert matches.silence == pytest.approx(1.0)
