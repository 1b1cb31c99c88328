"""A webhook beyond the organization's quota is refused in each dialect's own shape."""

from collections.abc import Callable
from typing import Any

import pytest

from app.services.accounts import quotas
from app.services.accounts.actor import SYSTEM
from tests.compat.caller import URL, Caller

Document = dict[str, Any]
DETAIL = "This organization has 1 webhooks; its quota is 1."


def _asset(document: Document) -> str:
    return str(document["detail"])


def _encoding(document: Document) -> str:
    assert document["status"] == "fail"
    return str(document["message"])


def _form_callback(document: Document) -> str:
    return str(document["error"])


def _live_channel(document: Document) -> str:
    assert document["ec"] == 409
    return str(document["msg"])


CREATE: dict[str, tuple[str, Document, Callable[[Document], str]]] = {
    "asset": ("/api/v1/{organization}/webhooks/", {"url": URL, "secret_token": "s"}, _asset),
    "encoding": (
        "/api/webhooks",
        {"url": URL, "name": "n", "encoding_started": True},
        _encoding,
    ),
    "form_callback": ("/webhooks.json", {"webhook": {"url": URL}}, _form_callback),
    "live_channel": ("/v1/webhook", {"uri": URL, "event": "channel_live"}, _live_channel),
}


@pytest.mark.parametrize("dialect", CREATE)
def test_a_dialect_refuses_a_webhook_beyond_the_quota_in_its_own_shape(
    call: Caller, native: Caller, organization: Any, dialect: str
) -> None:
    path, document, detail = CREATE[dialect]
    assert native("POST", "/webhooks", {"url": URL}).status_code == 201
    quotas.choose(organization.id, {"webhooks": 1}, SYSTEM)
    response = call("POST", path.format(organization=organization.id), document)
    assert response.status_code == 409, response.text
    assert detail(response.json).startswith(DETAIL)


def test_a_render_with_a_callback_beyond_the_quota_is_refused(
    render: Caller, native: Caller, organization: Any
) -> None:
    assert native("POST", "/webhooks", {"url": URL}).status_code == 201
    quotas.choose(organization.id, {"webhooks": 1}, SYSTEM)
    edit = {"timeline": {"tracks": []}, "output": {"format": "mp4"}, "callback": URL}
    response = render("POST", "/edit/v1/render", edit)
    assert response.status_code == 409, response.text
    assert response.json["success"] is False
    assert response.json["response"]["message"].startswith(DETAIL)
