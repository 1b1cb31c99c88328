"""Exports of events, with their payloads."""

import csv
import io
import json
from typing import Any

import pytest

from app.models import Job
from app.models.common.base import db
from app.queries.events.listing import EventFilter
from app.services.accounts.actor import SYSTEM
from app.services.jobs import export_steps, exporting, running, service
from tests.web.records import event


def export(organization: Any, kind: str, **filters: Any) -> str:
    return service.start_export(organization.id, EventFilter(**filters), SYSTEM, kind).id


def content(organization: Any, job_id: str) -> str:
    return b"".join(exporting.content_of(exporting.file_of(organization.id, job_id))).decode()


def test_events_are_exported_with_their_payloads_newest_first(
    app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_steps, "AT_ONCE", 2)
    payloads = [b'{\n "n": 1.10}', b'{"n": 2e400}', b'{"text": "a\\nb"}', None, b"{}"]
    ids = [event(organization.id, payload) for payload in payloads]
    event(organization.id, type="other")
    job_id = export(organization, "ndjson", type="encoding.finished")
    running.run_all()
    lines = content(organization, job_id).splitlines()
    assert [line.partition('"id":"')[2][:36] for line in lines] == ids[::-1]
    assert [line.partition('"payload":')[2] for line in lines][::-1] == [
        '{"n":1.10}}',
        '{"n":2e400}}',
        '{"text":"a\\nb"}}',
        "null}",
        "{}}",
    ]
    job = db.session.get_one(Job, job_id, populate_existing=True)
    assert (job.done, job.total) == (5, 5)


def test_large_payloads_take_more_steps(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_steps, "MAX_BYTES", 30)
    ids = [event(organization.id, b'{"text": "%s"}' % (b"x" * 20)) for _ in range(4)]
    job_id = export(organization, "csv")
    running.run_all()
    rows = list(csv.DictReader(io.StringIO(content(organization, job_id))))
    assert [row["id"] for row in rows] == ids[::-1]
    assert json.loads(rows[0]["payload"]) == {"text": "x" * 20}
