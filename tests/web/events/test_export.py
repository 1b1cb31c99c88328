"""Exporting the list of events."""

from typing import Any

from app.services.jobs import running
from tests.web.records import event
from tests.web.visitor import Visitor


def test_a_filtered_list_becomes_the_file_of_a_job(viewer: Visitor, organization: Any) -> None:
    event(organization.id, b'{"asset": "first"}')
    event(organization.id, type="other")
    path = "/events/export?type=encoding.finished"
    assert f'action="{path}"' in viewer.get("/events?type=encoding.finished").text
    job = viewer.post("/events", path, format="ndjson").location
    running.run_all()
    page = viewer.get(job).text
    assert "1 event" in page
    assert "All events that matched" in page
    file = viewer.get(f"{job}/file")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="events-')
    assert file.text.count("\n") == 1
    assert '"payload":{"asset":"first"}' in file.text


def test_wrong_filters_are_shown_instead(viewer: Visitor, organization: Any) -> None:
    event(organization.id)
    response = viewer.post("/events", "/events/export?since=never", format="csv")
    assert response.location == "/events?since=never"
