"""What recording adds to the counters."""

import json

from app.domain.deliveries.causes import OK
from app.domain.deliveries.tallies import MINUTE_MS
from app.domain.deliveries.verdicts import Verdict
from app.engine.claims import Result
from app.engine.recording.recorder import tallies_of
from app.sending.http.outcome import no_response
from tests.engine.build import claim

START = 1_800_000_000_000 - 1_800_000_000_000 % MINUTE_MS


def result(started_at: int, state: str = "succeeded", cause: str = OK) -> Result:
    outcome = no_response(cause, "", 0)
    outcome.started_at = started_at
    verdict = Verdict(state, cause)
    return Result(claim(), outcome, verdict, "", None, ended_at=started_at + 3 * MINUTE_MS)


def test_attempts_count_in_the_minute_in_which_they_started() -> None:
    results = [
        result(START - 1),
        result(START, "retrying", "dns"),
        result(START + MINUTE_MS - 1, "failed", "dns"),
    ]
    rows = {minute: json.loads(deltas) for minute, deltas in tallies_of(results)}
    numbers = {
        minute: {metric: number for _, _, metric, number in deltas}
        for minute, deltas in rows.items()
    }
    assert numbers == {
        START - MINUTE_MS: {"attempts": 1, "succeeded": 1, "cause:ok": 1},
        START: {"attempts": 2, "retrying": 1, "failed": 1, "cause:dns": 2},
    }
