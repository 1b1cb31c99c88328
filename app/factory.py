"""Build the application: `create_core` for every process, `create_app` with the HTTP surfaces."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import app.models  # noqa: F401 -- importing it registers every table
from app.models.base import csrf, db
from app.runtime.settings import Settings, load_settings
from app.runtime.vault import Vault
from app.store.connections import configure, write_lock_for


def create_app(settings: Settings | None = None) -> Flask:
    """The application of the web process and of the commands, with all HTTP surfaces."""
    app = create_core(settings)
    _register_surfaces(app)
    proxies = app.extensions["callboard.settings"].trusted_proxies
    if proxies:
        # Only the client's address: links are built from PUBLIC_URL.
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app


def create_core(settings: Settings | None = None, *, durable: bool = True) -> Flask:
    """An application without a surface: settings, database and secrets, as workers need them.

    durable: see `store.connections.configure`.
    """
    settings = settings or load_settings()
    app = Flask("app", root_path=None, template_folder="../templates", static_folder="../static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 20, "max_overflow": 20, "pool_pre_ping": False},
        SESSION_COOKIE_NAME="callboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        # A batch is the largest body; each route enforces its own smaller limit.
        MAX_CONTENT_LENGTH=settings.max_batch_bytes + 4096,
    )
    app.extensions["callboard.settings"] = settings
    app.extensions["callboard.vault"] = Vault(settings.secret_key)
    app.extensions["callboard.write_lock"] = write_lock_for(settings)
    db.init_app(app)
    csrf.init_app(app)
    with app.app_context():
        configure(db.engine, durable=durable)
    return app


def _register_surfaces(app: Flask) -> None:
    """Each surface's package has one `register(app)`; surfaces never import each other."""
    from app import api, compat, web

    for surface in (api, compat, web):
        surface.register(app)
