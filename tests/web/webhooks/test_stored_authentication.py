"""The form keeps stored credentials, but sends them to no other server."""

from typing import Any

import pytest

from app.models import Webhook
from app.services.accounts.actor import SYSTEM
from app.services.webhooks import service
from tests.web.visitor import Visitor
from tests.web.webhook_forms import filled

URL = "http://127.0.0.1:9000/hook"
TOKEN_URL = "http://127.0.0.1:9000/token"
OAUTH2 = {
    "kind": "oauth2",
    "token_url": TOKEN_URL,
    "client_id": "c",
    "client_secret": "s3cret",
    "scope": "",
}


@pytest.fixture
def webhook(organization: Any) -> Webhook:
    return service.create(organization.id, {"url": URL, "authentication": OAUTH2}, SYSTEM)


def stored(webhook: Webhook) -> Any:
    return service.secrets_of(webhook.organization_id, webhook.id).authentication


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"authentication_token_url": f"{TOKEN_URL}2"}, "The Token URL has changed."),
        ({"url": "http://127.0.0.1:9001/hook"}, "The host of the URL has changed."),
    ],
)
def test_a_new_server_needs_the_secret_again(
    owner: Visitor, webhook: Webhook, change: dict[str, str], sentence: str
) -> None:
    path = f"/webhooks/{webhook.id}/edit"
    sent = filled(owner, path) | change
    response = owner.send(path, **sent)
    assert response.status_code == 422
    assert f"{sentence} Enter it again" in response.text
    assert stored(webhook) == OAUTH2
    assert owner.send(path, **sent | {"authentication_client_secret": "new"}).status_code == 303
    assert stored(webhook)["client_secret"] == "new"


def test_other_changes_keep_the_secret(owner: Visitor, webhook: Webhook) -> None:
    path = f"/webhooks/{webhook.id}/edit"
    sent = filled(owner, path) | {"url": f"{URL}/2", "authentication_client_id": "d"}
    assert owner.send(path, **sent).status_code == 303
    assert stored(webhook) == OAUTH2 | {"client_id": "d"}
