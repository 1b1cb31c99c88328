"""A database that hangs up on a worker in the middle of its work."""

from typing import Any

import pytest
from flask import Flask

from app.services.events import publishing as events
from tests.faults.workers import (
    Workers,
    all_done,
    assert_recorded_once,
    number,
    rows,
    times_sent,
)
from tests.services.publishing import draft, webhook
from tests.support.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

COUNT, AT_ONCE, CUTS = 400, 20, 5
NAME = "worker-to-be-cut"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"


def test_a_worker_whose_connection_is_cut_goes_on_by_itself(
    postgres_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, max_in_flight=AT_ONCE)
    receiver.answer(delay=0.02)
    worker = workers.start(PGAPPNAME=NAME)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    for cut in range(1, CUTS + 1):
        receiver.wait_for(cut * COUNT // (CUTS + 2))
        assert rows(CUT, name=NAME)
    eventually(all_done)
    # What had not been recorded was kept in mind: nothing had to be sent again.
    assert set(times_sent(receiver.requests).values()) == {1}
    assert_recorded_once(COUNT)
    worker.terminate()
    assert worker.ended() == 0
    assert number("SELECT count(*) FROM workers") == 0
