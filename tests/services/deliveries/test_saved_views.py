from typing import Any

import pytest
from sqlalchemy import select

from app.domain.common.errors import Invalid, NotFound
from app.models import AuditEntry
from app.models.common.base import db
from app.queries.saved_views import listed
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.deliveries import saved_views
from tests.services.people import person

FAILED = {"state": "failed", "range": "24h"}


@pytest.fixture
def mara(organization: Any) -> str:
    return str(person("mara@example.com", organization.id).id)


def names(organization: Any, user_id: str) -> list[str]:
    return [view.name for view in listed(organization.id, user_id)]


def test_a_view_belongs_to_one_user_and_organization(organization: Any, mara: str) -> None:
    other = organizations.create("Other")
    ivan = str(person("ivan@example.com", organization.id).id)
    view = saved_views.create(organization.id, mara, "  Failed   today ", FAILED, SYSTEM)
    assert [view.filter for view in listed(organization.id, mara)] == [FAILED]
    assert names(organization, mara) == ["Failed today"]
    assert names(organization, ivan) == names(other, mara) == []
    for tenant, user_id in ((organization, ivan), (other, mara)):
        with pytest.raises(NotFound):
            saved_views.delete(tenant.id, user_id, view.id, SYSTEM)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\0b", "FAILED today"])
def test_a_view_name_is_short_and_unique(organization: Any, mara: str, name: str) -> None:
    saved_views.create(organization.id, mara, "Failed today", FAILED, SYSTEM)
    with pytest.raises(Invalid) as refused:
        saved_views.create(organization.id, mara, name, FAILED, SYSTEM)
    assert refused.value.errors[0].field == "name"


def test_empty_filters_and_too_many_views_are_rejected(
    organization: Any, mara: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    with pytest.raises(Invalid, match="There is no filter to save"):
        saved_views.create(organization.id, mara, "All", {}, SYSTEM)
    saved_views.create(organization.id, mara, "One", FAILED, SYSTEM)
    with pytest.raises(Invalid, match="You have 1 views already"):
        saved_views.create(organization.id, mara, "Two", FAILED, SYSTEM)


def test_creating_and_deleting_a_view_is_audited(organization: Any, mara: str) -> None:
    view = saved_views.create(organization.id, mara, "Failed today", FAILED, SYSTEM)
    assert saved_views.delete(organization.id, mara, view.id, SYSTEM) == "Failed today"
    assert names(organization, mara) == []
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-2:]
    assert [(entry.action, entry.subject_id) for entry in entries] == [
        ("view.create", view.id),
        ("view.delete", view.id),
    ]
