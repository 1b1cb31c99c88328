from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, Invalid, NotFound
from app.domain.common.ids import new_id
from app.models import AuditEntry, Organization
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM


def test_the_caller_may_choose_the_id(app: Flask) -> None:
    chosen = new_id()
    assert organizations.create("Acme", chosen.upper()).id == chosen


def test_an_id_that_is_taken_is_a_conflict(app: Flask, organization: Any) -> None:
    with pytest.raises(Conflict):
        organizations.create("Twin", organization.id)


@pytest.mark.parametrize(("name", "id_"), [("", None), (None, None), ("ok", "acme"), ("ok", 7)])
def test_an_invalid_name_or_id_is_rejected(sqlite_app: Flask, name: object, id_: object) -> None:
    with pytest.raises(Invalid):
        organizations.create(name, id_)


def test_each_organization_has_its_own_encrypted_callback_secret(
    app: Flask, organization: Any
) -> None:
    secret = organizations.callback_secret(organization.id)
    assert secret.startswith("whsec_")
    assert secret.encode() not in organization.callback_secret
    assert organizations.callback_secret(organizations.create("Other").id) != secret


def test_the_previous_secret_stays_valid_for_a_day(app: Flask, organization: Any) -> None:
    former = organizations.callback_secret(organization.id)
    fresh = organizations.rotate_callback_secret(organization.id, SYSTEM)
    row = db.session.get(Organization, organization.id, populate_existing=True)
    assert row is not None
    assert organizations.callback_secret(organization.id) == fresh != former
    assert runtime().vault.open_or_none(row.previous_callback_secret) == former
    assert 86_000_000 < (row.previous_callback_secret_until or 0) - now_ms() <= 86_400_000
    assert row.webhooks_version == 1


def test_renaming_keeps_both_names_in_the_audit_log(app: Flask, organization: Any) -> None:
    organizations.rename(organization.id, "Acme Film", SYSTEM)
    entry = db.session.query(AuditEntry).filter_by(action="organization.update").one()
    assert (entry.before, entry.after) == ({"name": "Acme Video"}, {"name": "Acme Film"})


def test_an_unknown_organization_is_not_found(app: Flask) -> None:
    for verb in (organizations.callback_secret, lambda i: organizations.rename(i, "x", SYSTEM)):
        with pytest.raises(NotFound):
            verb(new_id())
