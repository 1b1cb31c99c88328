"""What web and workers share: settings, database and secrets. The surfaces come on top of it."""

from flask import Flask

import app.models  # noqa: F401 -- importing it registers every table
from app.config import Settings, load_settings
from app.database import configure, write_lock_for
from app.extensions import csrf, db
from app.vault import Vault


def create_core(settings: Settings | None = None, *, durable: bool = True) -> Flask:
    """An application without a surface. durable: see `database.configure`."""
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
        # Batches are the largest bodies; each route refuses what is too large for itself.
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
