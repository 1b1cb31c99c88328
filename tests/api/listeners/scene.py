"""A listener's requests over the API."""

from typing import Any

from app.domain.listeners.urls import HEADER
from app.models import Webhook
from app.models.common.base import db
from app.services.webhooks.secret_headers import headers_of
from tests.api.conftest import Caller

PATH = "/listeners"


def token_of(listener_id: str) -> str:
    row = db.session.get_one(Webhook, listener_id)
    return dict(headers_of(row)[1])[HEADER]


def take(api: Caller, listener: Any, wait: int = 20) -> Any:
    response = api("GET", f"{PATH}/{listener['id']}/callbacks?wait={wait}")
    assert response.status_code == 200, response.text
    return response.json


def respond(api: Caller, listener: Any, callback: Any, document: Any) -> Any:
    return api("POST", f"{PATH}/{listener['id']}/callbacks/{callback['id']}/response", document)
