"""The database closes a worker's connection while it is sending."""

from typing import Any

import pytest
from flask import Flask

from app.services.events import publishing as events
from tests.faults.workers.processes import (
    Workers,
    all_done,
    assert_recorded_once,
    rows,
    scalar,
    times_sent,
)
from tests.services.publishing import draft, webhook
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

COUNT, IN_FLIGHT, CUTS = 400, 20, 5
NAME = "worker-to-be-cut"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"


def test_a_worker_recovers_from_a_closed_database_connection(
    postgres_app: Flask, workers: Workers, organization: Any, receiver: Receiver
) -> None:
    webhook(organization.id, url=receiver.url, max_in_flight=IN_FLIGHT)
    receiver.respond(delay=0.02)
    worker = workers.start(PGAPPNAME=NAME)
    events.publish_batch(organization.id, [draft() for _ in range(COUNT)])
    for cut in range(1, CUTS + 1):
        receiver.wait_for(cut * COUNT // (CUTS + 2))
        assert rows(CUT, name=NAME)
    eventually(all_done)
    # Unrecorded results stayed in memory, so nothing was sent twice.
    assert set(times_sent(receiver.requests).values()) == {1}
    assert_recorded_once(COUNT)
    worker.terminate()
    assert worker.wait() == 0
    assert scalar("SELECT count(*) FROM workers") == 0
