"""Which results are recorded at once, and which wait for others."""

from typing import Any

import pytest

from app.domain.common.clock import now_ms
from app.domain.deliveries.causes import OK
from app.domain.deliveries.verdicts import WORTH_TELLING_MS, judge
from app.engine.announcements import Announcements
from app.engine.claims import Result
from app.engine.due_queue.backlog import Backlog
from app.engine.due_queue.statements import State
from app.engine.in_flight import InFlight
from app.engine.pacing import HOLD_RESULTS, HOLD_SECONDS, Pacing
from app.engine.recording.webhook_health import apply_results
from app.engine.shards import Shards
from app.sending.http.outcome import no_response
from tests.engine.build import claim

CLOCK = 50.0


class Desk:
    """What decides about recording, with an empty due queue."""

    def __init__(self) -> None:
        shards = Shards("this")
        self.backlog, self.in_flight = Backlog(shards), InFlight(100, 100)
        self.announcements = Announcements(lambda: None, shards)
        self.announcements.is_listening = True
        self.pacing = Pacing(self.backlog, self.in_flight, self.announcements)

    def end(self, status: int = 200, ordering_key: str | None = None, **facts: Any) -> None:
        self.in_flight.ended.append(ended(status, ordering_key, **facts))


def ended(
    status: int = 200, ordering_key: str | None = None, at: int = 1_000, **facts: Any
) -> Result:
    own = claim(**{"max_in_flight": 32} | facts)
    own.ordering_key = ordering_key
    outcome = no_response("", "", at)
    outcome.status = status
    verdict = judge(
        own.webhook.facts,
        status=status,
        cause=OK,
        attempt=1,
        retry_after=None,
        now=at,
        draw=0.5,
    )
    return Result(own, outcome, verdict, "", None, at)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_success_waits_for_others_but_not_for_long(desk: Desk) -> None:
    desk.end()
    assert not desk.pacing.should_record(CLOCK)
    assert desk.pacing.should_record(CLOCK + 2 * HOLD_SECONDS)


def test_results_that_are_enough_for_a_transaction_do_not_wait(desk: Desk) -> None:
    for _ in range(HOLD_RESULTS):
        assert not desk.pacing.should_record(CLOCK)
        desk.end()
    assert desk.pacing.should_record(CLOCK)


@pytest.mark.parametrize(
    "result", [{"status": 500}, {"ordering_key": "k"}, {"max_in_flight": 31}], ids=str
)
def test_what_something_depends_on_is_recorded_at_once(desk: Desk, result: Any) -> None:
    desk.end(**result)
    assert desk.pacing.should_record(CLOCK)


def test_a_result_whose_webhook_has_more_due_is_recorded_at_once(desk: Desk) -> None:
    desk.backlog.add([("o", "w")], CLOCK, now_ms())
    desk.end()
    assert desk.pacing.should_record(CLOCK)


def test_nothing_is_waited_for_after_the_results_were_dropped(desk: Desk) -> None:
    desk.end()
    assert not desk.pacing.should_record(CLOCK)
    desk.in_flight.ended.clear()
    assert desk.pacing.poll_seconds(CLOCK + 1) == desk.announcements.read_seconds


def test_a_success_that_is_recorded_late_does_not_hide_a_later_failure() -> None:
    state = State("w", 1, None, 0, None, 2_000, "status", 2_000, 3, None, 1, is_active=True)
    result = ended(at=1_000)
    change = apply_results(state, [result], {result.claim.due_id}, 2_001)
    assert (state.failing_since, state.consecutive_failures) == (2_000, 3)
    assert state.last_success_at == 1_000
    assert change.notices == []


def test_a_notice_has_the_failure_and_not_a_success_beside_it() -> None:
    state = State("w", 2, None, 0, None, 2_000, "status", 2_000, 2, None, 1, is_active=True)
    results = [ended(503, at=2_001), ended(200, at=1_999)]
    ids = {result.claim.due_id for result in results}
    change = apply_results(state, results, ids, 2_002 + WORTH_TELLING_MS)
    [notice] = change.notices
    assert (notice["kind"], notice["detail"]) == (
        "webhook.failing",
        {"since": 2_000, "cause": "status", "status": 503},
    )
