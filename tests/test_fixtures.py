"""The shared fixtures work as documented on both databases."""

import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.models import Organization
from app.models.common.base import db
from app.store.transaction import write_transaction


def _add_organization() -> None:
    with write_transaction() as session:
        session.add(Organization(id="018f0000-0000-7000-8000-000000000000", name="A", created_at=1))


def _count() -> int:
    return db.session.query(Organization).count()


def test_the_database_is_of_the_requested_kind(app: Flask, database_kind: str) -> None:
    assert db.engine.dialect.name == database_kind


def test_the_first_test_starts_with_an_empty_database(app: Flask) -> None:
    assert _count() == 0
    _add_organization()


def test_the_next_test_starts_with_an_empty_database(app: Flask) -> None:
    assert _count() == 0
    _add_organization()


def test_the_postgresql_kind_connects_to_postgresql(app: Flask, database_kind: str) -> None:
    if database_kind == "postgresql":
        assert "PostgreSQL" in db.session.execute(text("select version()")).scalar_one()


def test_the_client_uses_the_app_of_the_test(client: FlaskClient, sqlite_app: Flask) -> None:
    assert client.application is sqlite_app


def test_redis_is_real_and_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as server:
        assert server.dbsize() == 0
        assert server.info("server")["redis_version"]
