"""A webhook whose settings cannot be read can be seen, repaired and deleted on the pages."""

from typing import Any

import pytest
from sqlalchemy import text

from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled, stored

REASON = "Its settings are damaged"


@pytest.fixture
def damaged(owner: Visitor, organization: Any) -> str:
    """The id of a webhook; saving the form works but for its settings."""
    webhook_id = webhook(organization.id, name="Broken one")
    with write_transaction() as session:
        session.execute(
            text("UPDATE webhooks SET headers = '[', max_in_flight = 'many', retry_policy = '7'")
        )
        session.execute(text("UPDATE organizations SET webhooks_version = webhooks_version + 1"))
    return webhook_id


def test_it_is_shown_with_the_reason(owner: Visitor, damaged: str) -> None:
    assert owner.get("/").status_code == 200
    assert "Broken one" in owner.get("/webhooks").text
    assert REASON in owner.get(f"/webhooks/{damaged}").text
    assert "headers is not" in owner.get(f"/webhooks/{damaged}").text


def test_its_page_leads_to_its_settings(owner: Visitor, damaged: str) -> None:
    page = owner.get(f"/webhooks/{damaged}").text
    assert "Saving its settings repairs them." in page
    assert "Check settings" in page
    assert ">Enable<" not in page


def test_saving_its_form_repairs_it(owner: Visitor, damaged: str) -> None:
    values = filled(owner, f"/webhooks/{damaged}/edit")
    response = owner.send(f"/webhooks/{damaged}/edit", **values)
    assert response.status_code == 303, response.text
    page = owner.get(f"/webhooks/{damaged}").text
    assert REASON not in page
    [row] = stored()
    assert (row.damaged, row.max_in_flight, row.headers) == ((), 1, [])


def test_it_is_deleted(owner: Visitor, damaged: str) -> None:
    assert owner.post(f"/webhooks/{damaged}/delete").location == "/webhooks"
    [row] = stored()
    assert row.deleted_at is not None
