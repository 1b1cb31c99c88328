"""An application to attack: with its scene, and with nothing private allowed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app, g

from app import create_app
from app.models.common.base import db
from app.runtime.context import runtime
from tests.conftest import settings_for
from tests.security.two_organizations import Scene
from tests.support.servers.names import NameServer

# The walk makes more requests than one caller may.
UNLIMITED = {"API_RATE_LIMIT": "1000000"}
HAS_TOKENS = "tests.has_tokens"


@contextmanager
def scene_on(database_url: str, redis_url: str, directory: Path) -> Iterator[Scene]:
    """Every form counts as sent with its token, unless `set_tokens` says otherwise."""
    app = create_app(settings_for(database_url, redis_url, directory, **UNLIMITED))
    app.testing = True
    app.config[HAS_TOKENS] = True
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.before_request_funcs.setdefault(None, []).insert(0, _note_token)
    with _opened(app):
        yield Scene(app)


def set_tokens(app: Flask, *, has_tokens: bool) -> None:
    app.config[HAS_TOKENS] = has_tokens
    app.config["WTF_CSRF_CHECK_DEFAULT"] = not has_tokens


def _note_token() -> None:
    g.csrf_valid = current_app.config[HAS_TOKENS]


@contextmanager
def strict_app(
    database_url: str, redis_url: str, directory: Path, name_server: NameServer
) -> Iterator[Flask]:
    """Allows no private network, as an installation does by default."""
    more = {"ALLOWED_PRIVATE_NETWORKS": "", "DNS_SERVERS": name_server.address}
    app = create_app(settings_for(database_url, redis_url, directory, **more, **UNLIMITED))
    app.testing = True
    with _opened(app):
        yield app


@contextmanager
def _opened(app: Flask) -> Iterator[None]:
    with app.app_context():
        try:
            yield
        finally:
            runtime().key_usage.close()
            runtime().listener_sightings.close()
            runtime().topics.close()
            db.session.remove()
            db.engine.dispose()
