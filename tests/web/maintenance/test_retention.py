from typing import Any

from app.models import AuditEntry, Organization
from app.models.common.base import db
from tests.web.visitor import Visitor

PAGE = "/settings/retention"


def test_an_owner_sets_the_retention(owner: Visitor, organization: Any) -> None:
    response = owner.post(PAGE, retention_days="14", payload_days="3")
    assert response.status_code == 303
    page = owner.get(PAGE).text
    assert "attempts: 14\u2009days" in page.replace(" days", "\u2009days")
    assert "responses: 3" in page
    entry = db.session.query(AuditEntry).filter_by(action="organization.update").one()
    assert entry.after == {"retention_days": 14, "payload_days": 3}
    owner.post(PAGE, retention_days="", payload_days="")
    row = db.session.get_one(Organization, organization.id, populate_existing=True)
    assert (row.retention_days, row.payload_days) == (None, None)


def test_a_value_out_of_range_is_an_error_at_its_field(owner: Visitor) -> None:
    response = owner.post(PAGE, retention_days="31", payload_days="soon")
    assert response.status_code == 422
    assert "31 is out of range. Use a whole number of days from 1 to 30" in response.text
    assert 'value="soon"' in response.text


def test_a_viewer_sees_the_retention_but_cannot_change_it(viewer: Visitor) -> None:
    page = viewer.get(PAGE)
    assert "attempts: 30" in page.text
    assert '<form method="post" action="/settings/retention"' not in page.text
    assert viewer.post("/settings/account", PAGE, retention_days="1").status_code == 403
