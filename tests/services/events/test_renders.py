"""On both databases: a render's event and its callback are made together."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.common.errors import CallboardError
from app.models import AuditEntry, Event, Organization, Webhook
from app.models.common.base import db
from app.queries.events import listing as events
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.events import renders
from app.services.webhooks import service as webhooks

URL = "https://example.com/done?a={{A}}"
MERGE = (("A", "b"),)


def counts() -> tuple[int, int]:
    """How many events there are, and how many webhooks."""
    models = (Event, Webhook)
    numbers = [db.session.scalar(select(func.count()).select_from(model)) for model in models]
    return numbers[0] or 0, numbers[1] or 0


def submit(organization_id: str, callback: str | None = URL) -> str:
    return renders.submit(organization_id, b"{}", callback, MERGE, SYSTEM)


def test_the_event_and_the_callback_are_created_together(organization: Any) -> None:
    render_id = submit(organization.id)
    [event] = events.of_source(organization.id, render_id, 5)
    row = db.session.scalars(select(Webhook)).one()
    assert event.type == "render.queued"
    assert (row.url, row.once_source) == ("https://example.com/done?a=b", render_id)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == row.id)).one()
    assert entry.action == "webhook.create"


def test_nothing_is_created_if_either_fails(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("app.services.audit.log.record", full)
    with pytest.raises(OSError, match="no space"):
        submit(organization.id)
    assert counts() == (0, 0)


def test_nothing_is_created_without_an_organization(organization: Any) -> None:
    with pytest.raises(CallboardError, match="no such organization"):
        submit("018f0000-0000-7000-8000-000000000000")
    assert counts() == (0, 0)


def test_the_callback_is_signed_with_the_organizations_callback_secret(organization: Any) -> None:
    db.session.get_one(Organization, organization.id).callback_secret = None
    db.session.commit()
    submit(organization.id)
    row = db.session.scalars(select(Webhook)).one()
    first = organizations.callback_secret(organization.id)
    assert webhooks.secrets_of(organization.id, row.id).current == first
    second = organizations.rotate_callback_secret(organization.id, SYSTEM)
    secrets = webhooks.secrets_of(organization.id, row.id)
    assert (secrets.current, secrets.previous) == (second, first)
