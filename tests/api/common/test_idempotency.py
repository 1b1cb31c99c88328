"""Idempotency-Key on requests other than events."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.domain.common.clock import now_ms
from app.models import IdempotentRequest, Webhook
from app.models.common.base import db
from app.services.idempotency import requests as idempotency
from app.store.transaction import write_transaction
from tests.api.conftest import Caller, problem

URL = "https://receiver.example.com/hook"
BODY = {"url": URL, "name": "Player"}


def create(api: Caller, key: str = "k-1", **changes: Any) -> Any:
    return api("POST", "/webhooks", BODY | changes, headers={"Idempotency-Key": key})


def number_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def age(milliseconds: int, **values: Any) -> None:
    with write_transaction() as session:
        created_at = now_ms() - milliseconds
        session.execute(update(IdempotentRequest).values(created_at=created_at, **values))


def test_a_repeat_gets_the_same_response_and_changes_nothing(app: Flask, api: Caller) -> None:
    first, again = create(api), create(api)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.data, first.content_type) == (again.data, again.content_type)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["X-Request-Id"] != again.headers["X-Request-Id"]
    assert number_of(Webhook) == 1


def test_concurrent_repeats_create_one(app: Flask, api: Caller) -> None:
    api("GET", "/openapi.json")

    def send(_: int) -> int:
        # Clients are not thread-safe.
        with app.app_context(), app.test_client() as client:
            return int(create(Caller(client, api.headers)).status_code)

    with ThreadPoolExecutor(4) as pool:
        statuses = set(pool.map(send, range(4)))
    assert statuses <= {201, 409}
    assert number_of(Webhook) == 1


def test_another_body_with_the_same_key_is_a_conflict(sqlite_app: Flask, api: Caller) -> None:
    create(api)
    document = problem(create(api, name="Other"), 409, "conflict")
    assert "another body" in document["detail"]
    assert number_of(Webhook) == 1


def test_a_key_is_for_one_path_and_one_caller(
    sqlite_app: Flask, api: Caller, stranger: Caller
) -> None:
    webhook_id = create(api).json["id"]
    assert create(stranger).json["id"] != webhook_id
    headers = {"Idempotency-Key": "k-1"}
    secrets = [
        api("POST", f"/webhooks/{webhook_id}/rotate-secret", headers=headers).json["secret"]
        for _ in range(2)
    ]
    assert secrets[0] == secrets[1]
    assert api("GET", f"/webhooks/{webhook_id}/secret").json["secret"] == secrets[0]


def test_an_error_frees_the_key(sqlite_app: Flask, api: Caller) -> None:
    problem(create(api, url="nonsense"), 422, "invalid")
    assert create(api).status_code == 201


def test_responses_are_encrypted(sqlite_app: Flask, api: Caller) -> None:
    create(api)
    [stored] = db.session.scalars(select(IdempotentRequest.response))
    assert stored is not None
    assert b"receiver.example.com" not in stored


def test_a_key_expires_after_a_day(sqlite_app: Flask, api: Caller) -> None:
    create(api)
    age(idempotency.KEPT_MS + 1000)
    assert "Idempotent-Replayed" not in create(api).headers
    assert number_of(Webhook) == 2
    age(idempotency.KEPT_MS + 1000)
    assert idempotency.expire(0) is False
    assert number_of(IdempotentRequest) == 0


def test_a_request_that_was_cut_off_blocks_its_key_for_ten_minutes(
    sqlite_app: Flask, api: Caller
) -> None:
    create(api)
    age(0, response=None)
    assert "has not ended" in problem(create(api), 409, "conflict")["detail"]
    age(idempotency.ABANDONED_MS + 1000, response=None)
    assert create(api).status_code == 201


def test_the_number_of_keys_is_bounded(
    sqlite_app: Flask, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MAX_KEYS", 2)
    for key in ("a", "b"):
        assert create(api, key).status_code == 201
    problem(create(api, "c"), 409, "quota_exceeded")
    assert create(api, "a").headers["Idempotent-Replayed"] == "true"


def test_a_malformed_key_is_refused(sqlite_app: Flask, api: Caller) -> None:
    document = problem(create(api, "with space"), 422, "invalid")
    assert document["errors"][0]["field"] == "Idempotency-Key"


def test_every_post_describes_the_header(sqlite_app: Flask, api: Caller) -> None:
    paths = api("GET", "/openapi.json").json["paths"]
    posts = {path: item["post"] for path, item in paths.items() if "post" in item}
    without = [
        path
        for path, operation in posts.items()
        if "Idempotency-Key" not in [p["name"] for p in operation["parameters"]]
        or "409" not in operation["responses"]
    ]
    assert (len(posts) > 12, without) == (True, [])
