"""Headers with credentials: encrypted, and never in the audit log."""

import json
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.domain.common.errors import Invalid
from app.domain.deliveries.composing import Composer
from app.domain.webhooks.rows import facts_from_row
from app.models import AuditEntry, Webhook, Worker
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service
from app.services.webhooks.secret_headers import headers_of
from app.store.transaction import write_transaction
from tests.domain.facts import event

URL = "http://127.0.0.1:9000/hook"
BEARER = {"Authorization": "Bearer s3cret"}


def created(organization: Any, **fields: Any) -> Webhook:
    return service.create(organization.id, {"url": URL, **fields}, SYSTEM)


def stored(row: Webhook) -> Webhook:
    return db.session.get_one(Webhook, row.id, populate_existing=True)


def sent_headers(row: Webhook) -> dict[str, str]:
    facts = facts_from_row(stored(row).columns(), runtime().vault, 0)
    return dict(Composer(facts).compose(event(), row.id, 1, 0).headers)


def everything_stored() -> str:
    """The rows of webhooks and of the audit log as text."""
    rows = [db.session.execute(select(model.__table__)).all() for model in (Webhook, AuditEntry)]
    return repr(rows)


def register_worker_of_previous_release() -> None:
    with write_transaction() as session:
        session.add(Worker(name="old", started_at=0, seen_at=0))


def test_authorization_is_encrypted_and_sent(app: Any, organization: Any) -> None:
    row = created(organization, headers={"X-Team": "video", **BEARER})
    assert stored(row).headers == [["X-Team", "video"]]
    assert "s3cret" not in everything_stored()
    assert service.secrets_of(organization.id, row.id).secret_headers == BEARER
    assert sent_headers(row) | BEARER | {"X-Team": "video"} == sent_headers(row)


def test_any_header_can_be_marked_secret(sqlite_app: Any, organization: Any) -> None:
    row = created(organization, secret_headers={"X-Key": "s3cret"})
    assert "s3cret" not in everything_stored()
    assert sent_headers(row)["X-Key"] == "s3cret"


def test_a_change_of_other_settings_keeps_secret_headers(
    sqlite_app: Any, organization: Any
) -> None:
    row = created(organization, secret_headers={"X-Key": "s3cret"})
    service.update(organization.id, row.id, {"name": "a", "headers": {"X-A": "1"}}, SYSTEM)
    service.update(organization.id, row.id, {"url": URL}, SYSTEM, replace=True)
    assert headers_of(stored(row)) == ([], [("X-Key", "s3cret")])
    service.update(organization.id, row.id, {"secret_headers": {}}, SYSTEM)
    assert stored(row).secret_headers is None


def test_a_public_header_replaces_the_secret_one_of_its_name(
    sqlite_app: Any, organization: Any
) -> None:
    row = created(organization, secret_headers={"X-Key": "s3cret", "X-Other": "b"})
    service.update(organization.id, row.id, {"headers": {"x-key": "open"}}, SYSTEM)
    assert headers_of(stored(row)) == ([("x-key", "open")], [("X-Other", "b")])
    service.update(organization.id, row.id, {"headers": {"Authorization": "new"}}, SYSTEM)
    assert headers_of(stored(row)) == ([], [("X-Other", "b"), ("Authorization", "new")])


def test_one_header_cannot_be_public_and_secret(sqlite_app: Any, organization: Any) -> None:
    with pytest.raises(Invalid) as caught:
        created(organization, headers={"X-Key": "a"}, secret_headers={"x-key": "b"})
    assert [error.code for error in caught.value.errors] == ["duplicate"]


def test_the_audit_log_names_secret_headers_and_says_which_changed(
    sqlite_app: Any, organization: Any
) -> None:
    row = created(organization, secret_headers={"X-Key": "s3cret", "X-Other": "b"})
    changes = {"secret_headers": {"X-Key": "later", "X-Other": "b"}}
    service.update(organization.id, row.id, changes, SYSTEM)
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.id)
    ).all()
    assert entries[0].after["secret_headers"] == dict.fromkeys(("X-Key", "X-Other"), "(changed)")
    assert entries[1].before == {"secret_headers": dict.fromkeys(("X-Key", "X-Other"), "(hidden)")}
    assert entries[1].after == {"secret_headers": {"X-Key": "(changed)", "X-Other": "(hidden)"}}
    assert "s3cret" not in json.dumps([entry.after for entry in entries])


def test_a_worker_of_the_previous_release_still_finds_all_headers(
    app: Any, organization: Any
) -> None:
    register_worker_of_previous_release()
    row = created(organization, headers=BEARER, secret_headers={"X-Key": "a"})
    plain = [["X-Key", "a"], ["Authorization", "Bearer s3cret"]]
    assert stored(row).headers == plain
    assert headers_of(stored(row)) == ([], [("X-Key", "a"), *BEARER.items()])
    with write_transaction() as session:
        session.execute(delete(Worker))
    service.update(organization.id, row.id, {"name": "later"}, SYSTEM)
    assert stored(row).headers == []
    assert sent_headers(row) | BEARER | {"X-Key": "a"} == sent_headers(row)
