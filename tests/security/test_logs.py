"""What the product writes to its log while people and programs use it: ids, and no secret."""

import json
import re
from typing import Any

from flask import Flask

from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import first_factor, link_tokens
from tests.services.people import PASSWORD, person
from tests.services.publishing import webhook
from tests.support.databases import SECRET_KEY
from tests.support.dispatchers import dispatcher_of
from tests.support.logs import logging_to
from tests.support.servers.receiver import Receiver
from tests.web.visitor import Visitor

SIGNING_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN, PAYLOAD = "the-receivers-token", "payload-of-a-tenant"


def _post(app: Flask, key: str, path: str, document: Any, **headers: str) -> Any:
    return app.test_client().post(
        f"/api/v1{path}", json=document, headers={"Authorization": f"Bearer {key}"} | headers
    )


def _deliver(app: Flask) -> None:
    dispatcher = dispatcher_of(runtime_of(app))
    dispatcher.run(30, linger=0)
    dispatcher.close()


def test_an_event_is_followed_by_its_ids_through_the_log(
    sqlite_app: Flask, organization: Any, receiver: Receiver
) -> None:
    webhook_id = webhook(organization.id, url=receiver.url)
    key = api_keys.create(organization.id, "Log", actor=SYSTEM).key
    with logging_to() as log:
        response = _post(
            sqlite_app,
            key,
            "/events",
            {"type": "a", "payload": {}},
            **{"X-Request-Id": "mine-1234"},
        )
        receiver.respond(status=503)
        _deliver(sqlite_app)
    assert response.headers["X-Request-Id"] == "mine-1234"
    [request], [event], [attempt] = (log.about(kind) for kind in ("request", "event", "attempt"))
    assert (request["request_id"], request["route"]) == ("mine-1234", "/api/v1/events")
    assert (request["status"], request["organization_id"]) == (202, organization.id)
    assert (event["request_id"], event["event_id"]) == ("mine-1234", response.json["id"])
    assert (event["type"], event["deliveries"], event["bytes"]) == ("a", 1, 2)
    assert (attempt["event_id"], attempt["webhook_id"]) == (response.json["id"], webhook_id)
    assert (attempt["status"], attempt["cause"], attempt["level"]) == (503, "status", "warning")
    assert attempt["next_attempt_ms"] > 0
    assert min(request["ms"], event["ms"], attempt["ms"]) >= 0


def test_a_worker_says_when_it_joins_and_leaves(sqlite_app: Flask) -> None:
    with logging_to("worker") as log:
        _deliver(sqlite_app)
    words = [line["message"].split()[0::2] for line in log.lines if "worker" in line["message"]]
    assert words == [["worker", "joined", "0.1.0)"], ["worker", "left"]]


def test_pages_have_an_id_that_is_in_the_log(sqlite_app: Flask, organization: Any) -> None:
    person("a@example.com", organization.id, "owner", PASSWORD)
    visitor = Visitor(sqlite_app)
    with logging_to() as log:
        shown = [visitor.get(path) for path in ("/sign-in", "/nothing")]
        visitor.sign_in("a@example.com", PASSWORD)
    ids = [response.headers["X-Request-Id"] for response in shown]
    assert [line["request_id"] for line in log.about("request")][:2] == ids
    assert [line["route"] for line in log.about("request")][:2] == ["/sign-in", "other"]


def _use_everything(app: Flask, organization: Any, receiver: Receiver) -> dict[str, str]:
    """Use each kind of credential, also wrongly. Returns the secrets."""
    user = person("a@example.com", organization.id, "owner", PASSWORD)
    secrets = {
        "api key": api_keys.create(organization.id, "Log", actor=SYSTEM).key,
        "sign-in link": first_factor.make_link(user),
        "password reset": link_tokens.password_reset(user),
    }
    db.session.commit()
    visitor = Visitor(app)
    for path in ("/sign-in/link/", "/password-reset/", "/invitations/", "/catch/", "/enter/"):
        for token in (secrets["sign-in link"], secrets["password reset"]):
            visitor.get(path + token)
    visitor = Visitor(app)
    visitor.sign_in("a@example.com", PASSWORD)
    created = _post(
        app,
        secrets["api key"],
        "/webhooks",
        {"url": receiver.url, "secret": SIGNING_SECRET, "secret_token": TOKEN},
    )
    assert created.status_code == 201, created.text
    visitor.post(f"/webhooks/{created.json['id']}/edit", url="not a url", secret_token=TOKEN)
    _post(app, secrets["api key"] + "x", "/events", {"type": "a", "payload": {}})
    _post(app, secrets["api key"], f"/{secrets['api key']}", {})
    _post(app, secrets["api key"], "/events", {"type": "a", "payload": {"k": PAYLOAD}})
    _deliver(app)
    assert PAYLOAD in receiver.requests[0].body.decode()
    return secrets


def _fail_with(app: Flask, secret: str) -> None:
    """An error whose message quotes a secret."""

    def fail() -> None:
        raise KeyError(secret)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["overview.show"] = fail
    app.test_client().get("/")


def test_no_line_holds_a_secret(sqlite_app: Flask, organization: Any, receiver: Receiver) -> None:
    with logging_to(LOG_LEVEL="debug", SECRET_KEY=SECRET_KEY) as log:
        secrets = _use_everything(sqlite_app, organization, receiver)
        for secret in (secrets["api key"], SIGNING_SECRET, SECRET_KEY):
            _fail_with(sqlite_app, secret)
    assert len(log.about("attempt")) == 1
    assert log.text.count("traceback") >= 2
    unseen = [*secrets.values(), PASSWORD, SIGNING_SECRET, TOKEN, PAYLOAD, SECRET_KEY]
    visible = [secret for secret in unseen if secret in log.text or json.dumps(secret) in log.text]
    assert visible == []
    assert not re.search(r"cb_[0-9a-f]{32}_", log.text)
