"""Secret headers in the form, on the webhook's page and in recorded requests."""

from typing import Any

from sqlalchemy import update

from app.domain.deliveries.sealing import sealed_headers
from app.models import Attempt, Webhook
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service
from app.services.webhooks.secret_headers import headers_of
from app.store.transaction import write_transaction
from tests.web.records import delivery
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled

URL = "http://127.0.0.1:9000/hook"


def created(organization: Any, **settings: Any) -> Webhook:
    return service.create(organization.id, {"url": URL, **settings}, SYSTEM)


def secrets(webhook: Webhook) -> dict[str, str]:
    row = db.session.get_one(Webhook, webhook.id, populate_existing=True)
    return dict(headers_of(row)[1])


def test_the_form_shows_names_and_keeps_the_values_behind_asterisks(
    owner: Visitor, organization: Any
) -> None:
    webhook = created(organization, secret_headers={"X-Key": "s3cret", "X-Gone": "old"})
    path = f"/webhooks/{webhook.id}/edit"
    page = owner.get(path).text
    assert "s3cret" not in page
    assert "X-Key: ********" in page
    sent = filled(owner, path) | {"secret_headers": "X-Key: ********\nX-New: fresh"}
    assert owner.send(path, **sent).status_code == 303
    assert secrets(webhook) == {"X-Key": "s3cret", "X-New": "fresh"}


def test_asterisks_without_a_stored_value_are_refused(owner: Visitor, organization: Any) -> None:
    webhook = created(organization)
    path = f"/webhooks/{webhook.id}/edit"
    sent = filled(owner, path) | {"secret_headers": "X-New: ********"}
    response = owner.send(path, **sent)
    assert response.status_code == 422
    assert "No value of X-New is stored." in response.text


def test_a_webhooks_page_hides_secret_headers_until_they_are_revealed(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    webhook = created(organization, headers={"Authorization": "Bearer s3cret"})
    path = f"/webhooks/{webhook.id}"
    for visitor in (owner, viewer):
        page = visitor.get(path).text
        assert "Authorization" in page
        assert "s3cret" not in page
    assert "Bearer s3cret" in owner.post(path, f"{path}/secret").text
    assert viewer.post("/account", f"{path}/secret").status_code == 403


def test_what_was_sealed_stays_hidden_after_the_header_is_renamed(
    owner: Visitor, viewer: Visitor, organization: Any
) -> None:
    webhook = created(organization, secret_headers={"X-Before": "s3cret"})
    id_ = delivery(organization.id, webhook.id, body=b'{"a": 1}')
    head = b"POST / HTTP/1.1\r\nContent-Length: 8\r\nX-Before: s3cret\r\n\r\n"
    sealed = sealed_headers(head, frozenset({"x-before"}), runtime().vault.seal)
    with write_transaction() as session:
        session.execute(update(Attempt).values(request_head=sealed))
    changes = {"secret_headers": {"X-After": "other"}}
    service.update(organization.id, webhook.id, changes, SYSTEM)
    for visitor in (owner, viewer):
        page = visitor.get(f"/deliveries/{id_}").text
        assert "X-Before" in page
        assert "s3cret" not in page
    shown = owner.post(f"/deliveries/{id_}", f"/deliveries/{id_}/reveal", attempt="1")
    assert shown.text.count("s3cret") == 2
