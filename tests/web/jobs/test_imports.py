"""Importing and exporting an organization's webhooks and event types on its pages."""

import io
from typing import Any

import pytest

from app.queries import webhooks as webhook_queries
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running
from app.services.webhooks import service as webhook_service
from tests.web.visitor import Visitor

PAGE = "/settings/import"
FIELDS = {"url": "https://example.com/hook", "name": "Media", "secret_token": "a-secret-token"}


def upload(visitor: Visitor, content: bytes, **fields: Any) -> Any:
    return visitor.post(PAGE, file=(io.BytesIO(content), "mine.ndjson"), **fields)


def test_an_export_is_uploaded_and_its_job_shows_what_became_of_it(
    owner: Visitor, organization: Any
) -> None:
    row = webhook_service.create(organization.id, FIELDS, SYSTEM, uid="own")
    response = owner.get(f"{PAGE}/organization.ndjson")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="organization-')
    assert "a-secret-token" not in response.text
    webhook_service.delete(organization.id, row.id, SYSTEM)
    job = upload(owner, response.data + b'{"webhook": {"url": "nowhere"}}', paused="y").location
    running.run_all()
    page = owner.get(job).text
    assert "2 lines" in page
    assert "Line 2" in page
    assert "mine.ndjson" in page
    [copy] = webhook_queries.listed(organization.id)
    assert (copy.uid, copy.name, copy.is_active) == ("own", "Media", False)
    assert "Import webhooks and event types" in owner.get("/jobs").text


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2"], ids=["empty", "csv"])
def test_a_wrong_file_is_refused_on_the_page(owner: Visitor, content: bytes) -> None:
    response = upload(owner, content)
    assert response.status_code == 422
    assert "Use one JSON object per line" in response.text


def test_viewers_cannot_import(viewer: Visitor) -> None:
    assert viewer.get(PAGE).status_code == 403
    assert "Import and export" not in viewer.get("/settings").text
