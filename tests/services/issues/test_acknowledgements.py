from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound, QuotaExceeded
from app.domain.common.ids import new_id
from app.models import Acknowledgement, AuditEntry
from app.models.common.base import db
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM, Actor
from app.services.issues import acknowledgements
from app.services.issues.acknowledgements import NOTE_LENGTH, acknowledge, reopen
from tests.services.publishing import webhook


def rows() -> list[Acknowledgement]:
    statement = select(Acknowledgement).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def test_an_acknowledgement_names_its_author(app: Flask, organization: Any) -> None:
    hook, mara = webhook(organization.id), Actor("user", new_id(), "mara@example.com", "::1")
    acknowledge(organization.id, hook, "dns", None, mara, "  asked them  ")
    [row] = rows()
    assert (row.cause, row.status, row.actor_name) == ("dns", 0, "mara@example.com")
    assert row.note == "asked them"
    acknowledged = select(AuditEntry).where(AuditEntry.action == "failure.acknowledge")
    entry = db.session.scalars(acknowledged).one()
    assert (entry.subject_id, entry.actor_name) == (hook, "mara@example.com")
    assert entry.after == {"cause": "dns", "status": None, "note": "asked them"}


def test_an_acknowledgement_covers_what_was_seen_and_nothing_later(
    app: Flask, organization: Any
) -> None:
    hook = webhook(organization.id)
    acknowledge(organization.id, hook, "dns", None, SYSTEM, seen=5)
    assert rows()[0].at == 5
    acknowledge(organization.id, hook, "dns", None, SYSTEM, "x" * 2000, seen=1 << 60)
    [row] = rows()
    assert row.at <= now_ms()
    assert len(row.note) == NOTE_LENGTH


def test_an_issue_can_be_reopened_once(app: Flask, organization: Any) -> None:
    hook = webhook(organization.id)
    acknowledge(organization.id, hook, "status", 503, SYSTEM)
    acknowledge(organization.id, hook, "status", 500, SYSTEM)
    reopen(organization.id, hook, "status", 503, SYSTEM)
    assert [row.status for row in rows()] == [500]
    with pytest.raises(NotFound):
        reopen(organization.id, hook, "status", 503, SYSTEM)


def test_an_organization_acknowledges_so_many_issues_and_no_more(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acknowledgements, "MAX_ACKNOWLEDGED", 2)
    hook = webhook(organization.id)
    for status in (500, 503):
        acknowledge(organization.id, hook, "status", status, SYSTEM)
    with pytest.raises(QuotaExceeded):
        acknowledge(organization.id, hook, "status", 504, SYSTEM)
    acknowledge(organization.id, hook, "status", 503, SYSTEM, "again")
    reopen(organization.id, hook, "status", 500, SYSTEM)
    acknowledge(organization.id, hook, "status", 504, SYSTEM)
    assert sorted(row.status for row in rows()) == [503, 504]


@pytest.mark.parametrize("verb", [acknowledge, reopen])
def test_another_organizations_issue_cannot_be_acknowledged(
    app: Flask, organization: Any, verb: Any
) -> None:
    other = organizations.create("Other").id
    for webhook_id in (webhook(other), "no id", new_id()):
        with pytest.raises(NotFound):
            verb(organization.id, webhook_id, "dns", None, SYSTEM)
    assert rows() == []
