"""Exports as the pages of jobs show them."""

from typing import Any

import pytest
from sqlalchemy import select

from app.models import AuditEntry, Job
from app.models.common.base import db
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts.actor import SYSTEM
from app.services.jobs import exporting, running, service
from app.web.deliveries import export
from tests.services.publishing import webhook
from tests.web.records import delivery
from tests.web.visitor import Visitor


@pytest.fixture
def ids(organization: Any) -> list[str]:
    hook = webhook(organization.id)
    return [delivery(organization.id, hook) for _ in range(3)]


def test_up_to_a_page_is_downloaded_at_once(viewer: Visitor, ids: list[str]) -> None:
    assert 'action="/deliveries/export?state=failed"' in viewer.get("/deliveries?state=failed").text
    path = "/deliveries/export?state=failed"
    response = viewer.post("/deliveries", path, format="csv")
    assert response.location == "/deliveries/export.csv?state=failed"
    assert db.session.scalar(select(Job.id)) is None


def test_more_than_a_page_becomes_a_job_with_a_file(
    viewer: Visitor, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    response = viewer.post("/deliveries", "/deliveries/export?state=failed", format="ndjson")
    page = response.location
    assert page.startswith("/jobs/")
    assert viewer.get(f"{page}/file").location == page
    waiting = viewer.get(page).text
    assert "can be downloaded when the job is done" in waiting
    assert "Download" not in waiting.partition("<main")[2]
    running.run_all()
    shown = viewer.get(page).text
    assert f'href="{page}/file"' in shown
    assert "3 deliveries" in shown
    assert "View deliveries" not in shown
    assert "a later job changed" not in shown
    file = viewer.get(f"{page}/file")
    assert file.headers["Content-Disposition"].startswith('attachment; filename="deliveries-')
    assert file.headers["Cache-Control"] == "private, no-store"
    assert len(file.text.splitlines()) == 3
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-3:] == ["job.start", "job.complete", "job.download"]
    assert "Export deliveries as NDJSON" in viewer.get("/jobs").text


def test_the_page_says_that_newer_exports_replaced_the_file(
    viewer: Visitor, organization: Any, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_FILES", 1)
    first, *_ = (_export(organization) for _ in range(3))
    page = viewer.get(f"/jobs/{first}").text
    assert "The file was deleted because newer exports replaced it." in page
    assert "Download" not in page.partition("<main")[2]
    response = viewer.get(f"/jobs/{first}/file")
    assert "newer exports replaced it" in viewer.get(response.location).text


def _export(organization: Any) -> str:
    job = service.start_export(organization.id, DeliveryFilter(), SYSTEM, "csv")
    running.run_all()
    return job.id


def test_another_job_has_no_file(owner: Visitor, organization: Any, ids: list[str]) -> None:
    job = service.start_matching(organization.id, DeliveryFilter(), SYSTEM, "resend")
    running.run_all()
    response = owner.get(f"/jobs/{job.id}/file")
    assert response.location == f"/jobs/{job.id}"
    assert "it is not an export" in owner.get(response.location).text
