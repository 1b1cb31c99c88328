"""The wall clock of a worker is set while it works."""

import base64
import hashlib
import hmac
import os
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.domain.common.clock import now_ms
from app.models import Due
from app.services.events import publishing as events
from app.services.maintenance import clock_steps
from app.store.transaction import write_transaction
from tests.faults.workers.processes import Workers, all_done, rows
from tests.services.publishing import draft, webhook
from tests.support.product import ROOT
from tests.support.servers.receiver import Received, Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# Steps the clock of a process by what a file says.
CLOCK = ROOT / "torture" / "clock"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
# Far less than the step, far more than a request takes.
TOLERANCE = 60


def _signed_at(request: Received) -> int:
    """Seconds since the epoch, from a header that the signature covers."""
    identity, at = request.header("webhook-id"), request.header("webhook-timestamp")
    signed = f"{identity}.{at}.".encode() + request.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert request.header("webhook-signature") == f"v1,{signature}"
    return int(at or 0)


def _set(clock: Path, offset: int) -> None:
    draft_file = clock.with_suffix(".new")
    draft_file.write_text(str(offset))
    draft_file.replace(clock)


@pytest.mark.parametrize(
    "offset",
    [
        pytest.param(-86_400, id="behind"),
        pytest.param(86_400, id="ahead", marks=pytest.mark.long),
    ],
)
def test_signatures_carry_the_true_time_as_soon_as_the_clock_is_right(
    *,
    offset: int,
    sqlite_app: Flask,
    workers: Workers,
    organization: Any,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    clock = tmp_path / "clock"
    webhook(organization.id, url=receiver.url)
    path = f"{ROOT}{os.pathsep}{CLOCK}"
    _set(clock, offset)
    workers.start(TORTURE_CLOCK=str(clock), PYTHONPATH=path)
    receiver.respond(500, times=1)
    events.publish(organization.id, draft())
    if offset < 0:
        # By the worker's clock the event is not due before tomorrow.
        due_at = now_ms() + 1000 * offset
        with write_transaction() as session:
            session.execute(update(Due).values(next_at=due_at))
    first = receiver.wait_for(1)[0]
    assert abs(_signed_at(first) - time.time() - offset) < TOLERANCE
    eventually(lambda: bool(rows("SELECT 1 FROM attempts")))
    _set(clock, 0)
    # The heartbeat shows the worker's clock.
    eventually(lambda: abs(rows("SELECT seen_at FROM workers")[0][0] - now_ms()) < 1000 * TOLERANCE)
    # As the periodic task does, within 30 seconds.
    clock_steps.correct(time.monotonic() + 1)
    second = receiver.wait_for(2)[1]
    assert abs(_signed_at(second) - time.time()) < TOLERANCE
    eventually(all_done)
