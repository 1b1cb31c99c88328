from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.common.clock import now_ms
from app.models import Worker
from app.models.common.base import db
from app.runtime import wakeup
from app.runtime.context import runtime_of
from app.runtime.vault import Vault
from app.services.maintenance import secret_key
from app.store.transaction import write_transaction
from tests.api.conftest import check_described


def get(client: FlaskClient, path: str) -> Any:
    response = client.get(path)
    check_described(client, "GET", path, response)
    return response


def worker_seen(milliseconds_ago: int) -> None:
    now = now_ms()
    with write_transaction() as session:
        session.add(Worker(name="w", started_at=now, beat=1, seen_at=now - milliseconds_ago))


@pytest.mark.parametrize("path", ["/healthz", "/livez"])
def test_a_process_that_responds_is_healthy(client: FlaskClient, path: str):
    response = get(client, path)
    assert (response.status_code, response.json["status"]) == (200, "ok")


def test_it_is_ready_when_everything_responds(client: FlaskClient):
    worker_seen(1000)
    response = get(client, "/readyz")
    assert (response.status_code, response.json["status"]) == (200, "ready")
    assert response.json["missing"] == []


@pytest.mark.parametrize("silent", [None, 20_000])
def test_it_is_degraded_without_a_worker(client: FlaskClient, silent: int | None):
    if silent is not None:
        worker_seen(silent)
    response = get(client, "/readyz")
    assert (response.status_code, response.json["status"]) == (200, "degraded")
    assert response.json["missing"] == ["worker"]


def test_it_is_not_ready_with_another_secret_key(client: FlaskClient, app: Flask):
    worker_seen(0)
    secret_key.record_or_check()
    assert get(client, "/readyz").status_code == 200
    runtime_of(app).vault = Vault("another-key-for-tests-0123456789-abc")
    response = get(client, "/readyz")
    assert (response.status_code, response.json["missing"]) == (503, ["secret_key"])
    assert "it was encrypted with key" in response.json["checks"]["secret_key"]["detail"]


def test_it_is_degraded_without_redis(client: FlaskClient, app: Flask):
    worker_seen(0)
    runtime_of(app).redis = wakeup.client("redis://127.0.0.1:1")
    response = get(client, "/readyz")
    assert (response.status_code, response.json["status"]) == (200, "degraded")
    assert response.json["missing"] == ["redis"]
    assert response.json["checks"]["redis"]["ok"] is False


def test_a_database_without_its_tables_is_not_ready(client: FlaskClient, app: Flask):
    with write_transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE workers RENAME TO gone")
    try:
        response = get(client, "/readyz")
        assert (response.status_code, response.json["status"]) == (503, "unavailable")
        assert response.json["missing"] == ["database", "worker"]
    finally:
        db.session.rollback()
        with write_transaction() as session:
            session.connection().exec_driver_sql("ALTER TABLE gone RENAME TO workers")
