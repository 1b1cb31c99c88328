from typing import Any

import pytest
from sqlalchemy import select

from app.domain.common.errors import Invalid
from app.models import Delivery, Event, Webhook, WebhookState
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.events.publishing import publish, publish_batch
from tests.services.publishing import draft, due_rows, webhook


def lanes() -> list[Webhook]:
    statement = select(Webhook).where(Webhook.kind == "callback").order_by(Webhook.url)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def test_a_one_off_callback_is_a_delivery_with_its_own_url(organization: Any) -> None:
    everything = webhook(organization.id)
    published = publish(
        organization.id,
        draft(callback="https://Example.com/{{JOB}}?a=%20", merge=(("JOB", "a/b"),)),
    )
    assert [delivery.webhook_id for delivery in published.deliveries] == [everything, None]
    delivery = db.session.get_one(Delivery, published.deliveries[1].id)
    assert delivery.url == "https://example.com/a%2Fb?a=%20"
    assert db.session.get_one(Event, published.id).callback == delivery.url
    [due] = due_rows(delivery.webhook_id)
    assert due.delivery_id == delivery.id


def test_callbacks_with_the_same_origin_and_preset_share_a_target(organization: Any) -> None:
    urls = ["https://a.com/1", "https://a.com/2", "https://b.com:8443/"]
    publish_batch(organization.id, [draft(callback=url) for url in urls])
    publish(organization.id, draft(callback="https://a.com/3"))
    publish(organization.id, draft(callback="https://a.com/3", callback_preset="standard"))
    assert [(lane.url, lane.preset) for lane in lanes()] == [
        ("https://a.com", "render"),
        ("https://a.com", "standard"),
        ("https://b.com:8443", "render"),
    ]
    assert len(db.session.scalars(select(WebhookState)).all()) == 3


def test_a_callback_target_signs_with_the_organizations_callback_secret(organization: Any) -> None:
    publish(organization.id, draft(callback="https://a.com/1"))
    first = organizations.callback_secret(organization.id)
    assert runtime().vault.open(lanes()[0].signing_secret) == first
    second = organizations.rotate_callback_secret(organization.id, SYSTEM)
    [lane] = lanes()
    assert runtime().vault.open(lane.signing_secret) == second
    assert runtime().vault.open_or_none(lane.previous_signing_secret) == first
    assert lane.version == 2


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("callback", {"callback": "http://10.0.0.1/"}),
        ("callback", {"callback": "http://169.254.169.254/latest"}),
        ("callback", {"callback": "file:///etc/passwd"}),
        ("callback", {"callback": "https://a.com/{{NOT_GIVEN}}"}),
        ("callback_preset", {"callback": "https://a.com/", "callback_preset": "nonsense"}),
        (
            "payload.callback_value",
            {"callback": "https://a.com/", "callback_preset": "form_callback"},
        ),
    ],
)
def test_an_invalid_callback_is_rejected(
    sqlite_app: Any, organization: Any, field: str, fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as caught:
        publish(organization.id, draft(**fields))
    assert caught.value.errors[0].field == field
    assert db.session.scalars(select(Event)).all() == []


def test_an_allowed_private_address_may_be_called_back(sqlite_app: Any, organization: Any) -> None:
    published = publish(organization.id, draft(callback="http://127.0.0.1:9000/x"))
    assert len(published.deliveries) == 1
