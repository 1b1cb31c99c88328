"""Fixtures that the tests of every layer share. The servers they start are in tests/support."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.models.common.base import db
from app.runtime.configuration.settings import Settings, load_settings
from app.runtime.context import runtime
from tests.support import databases, quick_apps
from tests.support.product import Product
from tests.support.servers import redis as redis_server
from tests.support.servers.receiver import Receiver

API = Path(__file__).parent / "api"

quick_apps.use()


def pytest_collection_finish() -> None:
    """Keep what has been loaded out of each later collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests do not depend on the developer's environment."""
    for name in ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "PLATFORM_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """One waits longer for it than the product usually does: a machine that is busy or stands still
    for a moment is not a Redis that is away."""
    with redis_server.running() as url:
        yield f"{url}?socket_timeout=30&socket_connect_timeout=30"


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A real redis-server with nothing in it."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> databases.SqliteTemplate:
    return databases.SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_session_url(
    testrun_uid: str, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A database for this pytest worker, migrated once."""
    name = f"callboard_{testrun_uid[:8]}_{worker_id}"
    with (
        databases.postgres_server(testrun_uid[:12]) as server,
        databases.postgres_database(server, name) as url,
    ):
        databases.prepare(url, tmp_path_factory.mktemp("postgres"))
        yield url


@pytest.fixture
def sqlite_url(sqlite_template: databases.SqliteTemplate, tmp_path: Path) -> str:
    """An empty, migrated SQLite database for this test."""
    return sqlite_template.copy(tmp_path)


@pytest.fixture(scope="session")
def postgres_emptier(postgres_session_url: str) -> Iterator[databases.PostgresEmptier]:
    emptier = databases.PostgresEmptier(postgres_session_url)
    yield emptier
    emptier.close()


@pytest.fixture
def postgres_url(postgres_session_url: str, postgres_emptier: databases.PostgresEmptier) -> str:
    """An empty, migrated PostgreSQL database."""
    postgres_emptier.empty()
    return postgres_session_url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that need a database on both kinds, unless they ask for an app on one kind. On the
    kind that `@pytest.mark.long_on("postgresql")` names they are long tests, as are those of the
    API on PostgreSQL: its SQL is that of services and queries, which are tested on both."""
    if "database_kind" in metafunc.fixturenames:
        apps = {"sqlite_app": ["sqlite"], "postgres_app": ["postgresql"]}
        kinds = apps.get(app_fixture_of(metafunc), ["sqlite", "postgresql"])
        long = {kind for mark in metafunc.definition.iter_markers("long_on") for kind in mark.args}
        if metafunc.definition.path.is_relative_to(API):
            long.add("postgresql")
        marked = [pytest.param(kind, marks=[pytest.mark.long] * (kind in long)) for kind in kinds]
        metafunc.parametrize("database_kind", marked, indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgresql`."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(request: pytest.FixtureRequest, database_kind: str) -> str:
    """An empty, migrated database of this kind."""
    name = "sqlite_url" if database_kind == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


def settings_for(database_url: str, redis_url: str, data_dir: Path, **more: str) -> Settings:
    """Settings as from the environment, with loopback addresses allowed."""
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": databases.SECRET_KEY,
        "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8,::1/128",
    }
    return load_settings(environ | more)


@pytest.fixture(scope="session")
def make_app() -> Callable[[Settings], Flask]:
    """Folders whose tests send no request override it with the faster `create_core`."""
    return create_app


def _running_app(app: Flask) -> Iterator[Flask]:
    app.testing = True
    with app.app_context():
        try:
            yield app
        finally:
            runtime().key_usage.close()
            runtime().listener_sightings.close()
            runtime().topics.close()
            runtime().group_commit.close()
            runtime().expression_sandbox.close()
            runtime().schema_sandbox.close()
            runtime().payload_sandbox.close()
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, redis_url, tmp_path)


@pytest.fixture
def app(make_app: Callable[[Settings], Flask], settings: Settings) -> Iterator[Flask]:
    """The application on each of the two databases, inside its app context."""
    yield from _running_app(make_app(settings))


@pytest.fixture
def sqlite_app(
    make_app: Callable[[Settings], Flask], sqlite_url: str, redis_url: str, tmp_path: Path
) -> Iterator[Flask]:
    """The application on SQLite only, for behavior that does not depend on the database."""
    yield from _running_app(make_app(settings_for(sqlite_url, redis_url, tmp_path)))


@pytest.fixture
def postgres_app(
    make_app: Callable[[Settings], Flask], postgres_url: str, redis_url: str, tmp_path: Path
) -> Iterator[Flask]:
    """The application on PostgreSQL only, for behavior that needs a database server."""
    yield from _running_app(make_app(settings_for(postgres_url, redis_url, tmp_path)))


def app_fixture_of(test: pytest.FixtureRequest | pytest.Metafunc) -> str:
    """Which of `sqlite_app`, `postgres_app` and `app` the test asks for."""
    return next((n for n in ("sqlite_app", "postgres_app") if n in test.fixturenames), "app")


@pytest.fixture
def client(request: pytest.FixtureRequest, database_kind: str) -> FlaskClient:
    """A test client of the application that the test asks for."""
    application: Flask = request.getfixturevalue(app_fixture_of(request))
    # A module whose `app` is on one database would otherwise run the same twice.
    assert application.config["SQLALCHEMY_DATABASE_URI"].startswith(database_kind), (
        f"Ask for the application on one database with usefixtures: this is not {database_kind}."
    )
    return application.test_client()


@pytest.fixture
def organization(request: pytest.FixtureRequest, database_kind: str) -> Any:
    """An organization, in the database of the application that the test asks for."""
    request.getfixturevalue(app_fixture_of(request))
    from app.services.accounts import organizations

    return organizations.create("Acme Video")


@pytest.fixture
def api_key(organization: Any) -> Any:
    """`.id`, `.secret`, `.key` of a key of `organization` with all scopes."""
    from app.services.accounts import api_keys
    from app.services.accounts.actor import SYSTEM

    return api_keys.create(organization.id, "tests", actor=SYSTEM)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A real HTTP receiver on loopback that responds with 200 unless set up otherwise."""
    running = Receiver()
    yield running
    running.close()


@pytest.fixture(scope="session")
def shared_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    yield from _running_product(Product(tmp_path_factory.mktemp("product")))


@pytest.fixture
def product(shared_product: Product) -> Product:
    """The whole product as processes, which all tests of a pytest worker share: each makes an
    organization of its own. A test that stops or kills it leaves that to be mended here."""
    if not shared_product.is_running:
        shared_product.start()
    shared_product.wait_until_ready()
    return shared_product


def _running_product(product: Product) -> Iterator[Product]:
    try:
        product.start()
        yield product
    finally:
        if product.is_running:
            product.stop()
