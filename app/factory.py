"""Build the application: `create_core` for every process, `create_app` with the HTTP surfaces."""

import logging
from pathlib import Path
from threading import BoundedSemaphore

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import app.models  # noqa: F401 -- importing it registers every table
from app.domain.listeners.urls import listener_exemption
from app.domain.test_inbox.responses import inbox_exemption
from app.domain.webhooks.damage import read_document
from app.models.common.base import db
from app.runtime import expressions, wakeup
from app.runtime.assets import Assets
from app.runtime.background import BackgroundThreads
from app.runtime.configuration.settings import Settings, load_settings
from app.runtime.context import (
    MAX_EXPORTS,
    MAX_EXPORTS_PER_ORGANIZATION,
    MAX_TEST_SENDS,
    MAX_TEST_SENDS_PER_ORGANIZATION,
    TEST_INBOX_DELAYS_AT_ONCE,
    TEST_INBOX_REQUESTS_PER_SECOND,
    WAITING_THREADS,
    OidcProvider,
    Runtime,
    install,
    runtime_of,
)
from app.runtime.database_state import DatabaseState
from app.runtime.limits.api_keys import RateLimiter
from app.runtime.limits.bytes_held import BytesHeld
from app.runtime.limits.sign_in import SignInLimiter
from app.runtime.limits.slots import Slots
from app.runtime.limits.storage import LimitStorage
from app.runtime.relaying.topics import Topics
from app.runtime.root import ROOT
from app.runtime.sandbox.pool import SandboxOfProcess
from app.runtime.template_files import templates_in
from app.runtime.tracing.spans import Tracing
from app.runtime.vault import Vault
from app.runtime.wakeup import WakeUp
from app.runtime.write_lock import write_lock_for
from app.sending.addresses.guard import Guard
from app.services.accounts.key_usage import KeyUsage
from app.services.event_types import payload_checks, schema_checks
from app.services.events import publishing as event_service
from app.services.events.group_commit import GroupCommit
from app.services.listeners.relaying import HELD_BYTES, HELD_BYTES_OF_ONE
from app.services.listeners.sightings import Sightings
from app.services.notifications import email_texts
from app.store.availability import is_reported, watch
from app.store.connections import BUSY_SECONDS, configure

_log = logging.getLogger(__name__)

_ENGINE_OPTIONS = {
    "pool_size": 20,
    "max_overflow": 20,
    "pool_pre_ping": False,
    "json_deserializer": read_document,
    # Statements' values are tenants' data: they are in no message and in no log.
    "hide_parameters": True,
}
# How long a request waits for the write lock, or for another program that has locked the database.
LOCK_SECONDS = 0.8


def create_app(settings: Settings | None = None) -> Flask:
    """The application with all HTTP surfaces, for web processes and commands."""
    app = create_core(settings)
    _register_surfaces(app)
    proxies = runtime_of(app).settings.trusted_proxies
    if proxies:
        # Only the client's address: links are built from PUBLIC_URL.
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app


def create_core(settings: Settings | None = None, *, durable: bool = True) -> Flask:
    """The application without HTTP surfaces, for workers.

    durable: see `store.connections.configure`.
    """
    settings = settings or load_settings()
    app = Flask("app", template_folder=None, static_folder=str(ROOT / "static"))
    app.jinja_loader = templates_in(ROOT / "templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_previous),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_ENGINE_OPTIONS,
        SESSION_COOKIE_NAME="callboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Otherwise the response to a preview or a poll replaces the cookie that a form has just
        # set, and its message is lost.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
        WTF_CSRF_TIME_LIMIT=None,
        # A batch is the largest body; each route enforces its own smaller limit.
        MAX_CONTENT_LENGTH=settings.max_batch_bytes + 4096,
    )
    if settings.allowed_private_networks:
        _log.warning("Webhooks may call private addresses: %s", settings.private_networks_text)
    install(app, _build_runtime(app, settings, durable=durable))
    db.init_app(app)
    with app.app_context():
        # Requests wait for a lock for a moment, workers for as long as it takes.
        configure(
            db.engine, durable=durable, busy_seconds=LOCK_SECONDS if durable else BUSY_SECONDS
        )
        watch(db.engine, runtime_of(app).database)
    return app


def _build_runtime(app: Flask, settings: Settings, *, durable: bool) -> Runtime:
    is_inbox = inbox_exemption(settings.public_url)
    is_listener = listener_exemption(settings.public_url)
    guard = Guard(
        settings.allowed_private_networks,
        lambda url: is_inbox(url) or is_listener(url),
        own_port=settings.port,
        backend_ports=settings.backend_ports,
    )
    connection = wakeup.client(settings.redis_url, on_master=guard.refuse_port)
    limits = LimitStorage(connection)
    return Runtime(
        settings=settings,
        vault=Vault(settings.secret_key, settings.secret_key_previous),
        guard=guard,
        write_lock=write_lock_for(settings, LOCK_SECONDS if durable else None),
        database=DatabaseState(),
        wake_up=WakeUp(settings.redis_url, guard.refuse_port),
        redis=connection,
        api_limiter=RateLimiter(limits, "api", settings.api_rate_limit),
        sign_in_limiter=SignInLimiter(limits),
        test_inbox_limiter=RateLimiter(limits, "test-inbox", TEST_INBOX_REQUESTS_PER_SECOND),
        test_inbox_delays=BoundedSemaphore(TEST_INBOX_DELAYS_AT_ONCE),
        exports=Slots(MAX_EXPORTS, MAX_EXPORTS_PER_ORGANIZATION),
        test_sends=Slots(MAX_TEST_SENDS, MAX_TEST_SENDS_PER_ORGANIZATION),
        expression_sandbox=SandboxOfProcess(expressions.new_sandbox),
        schema_sandbox=SandboxOfProcess(schema_checks.new_sandbox),
        payload_sandbox=SandboxOfProcess(payload_checks.new_sandbox),
        group_commit=GroupCommit(app, event_service.publish_group, event_service.group_committed),
        key_usage=KeyUsage(app),
        topics=Topics(settings.redis_url),
        waiting_threads=BoundedSemaphore(WAITING_THREADS),
        listener_sightings=Sightings(app),
        listener_bytes=BytesHeld(HELD_BYTES, HELD_BYTES_OF_ONE),
        background=BackgroundThreads(app, is_reported),
        email_templates=email_texts.template_environment(app),
        assets=Assets(Path(str(app.static_folder))),
        oidc=_oidc_provider(settings),
        tracing=_tracing(settings, "web" if durable else "worker"),
    )


def _tracing(settings: Settings, process: str) -> Tracing | None:
    if settings.otlp is None:
        return None
    # Loading OpenTelemetry takes a third of a second.
    from app.runtime.tracing.otlp import tracing_to

    return tracing_to(settings.otlp, process)


def _oidc_provider(settings: Settings) -> OidcProvider | None:
    if settings.oidc is None:
        return None
    # Most installations do without.
    from app.sending.oidc.provider import OidcProvider as Provider

    redirect_uri = f"{settings.public_url}/sign-in/oidc/callback"
    return Provider(settings.oidc, redirect_uri, settings.dns_servers)


def _register_surfaces(app: Flask) -> None:
    """Each surface is a package with a `register(app)`. Surfaces never import each other."""
    from app import api, compat, web
    from app.http import page_log
    from app.http.flask_adapter import csrf

    csrf.init_app(app)
    page_log.register(app)
    for surface in (api, compat, web):
        surface.register(app)
