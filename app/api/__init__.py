"""The native JSON API: parse, call one service or one query, render."""

from flask import Flask

from app.api import (
    attempts,
    audit_log,
    callback_secrets,
    deliveries,
    event_types,
    events,
    imports,
    issues,
    jobs,
    recovery,
    statistics,
    test_inboxes,
)
from app.api.accounts import (
    api_keys,
    invitations,
    members,
    notifications,
    organizations,
    portal_links,
    quotas,
)
from app.api.common import problems
from app.api.common.idempotency import with_key
from app.api.common.routes import PREFIX, TEXT_IDS
from app.api.listeners import relay
from app.api.listeners import routes as listeners
from app.api.server import health, metrics, openapi
from app.api.webhooks import actions, resource
from app.api.webhooks.ids import with_uid
from app.http.descriptions import set_description
from app.http.flask_adapter import FALLBACK, PageSessions, mount
from app.http.routes import Surface
from app.runtime.context import runtime_of

_ROUTES = (
    *events.ROUTES,
    *event_types.ROUTES,
    *resource.ROUTES,
    *actions.ROUTES,
    *recovery.ROUTES,
    *deliveries.ROUTES,
    *attempts.ROUTES,
    *statistics.ROUTES,
    *issues.ROUTES,
    *jobs.ROUTES,
    *imports.ROUTES,
    *test_inboxes.ROUTES,
    *listeners.ROUTES,
    *organizations.ROUTES,
    *members.ROUTES,
    *invitations.ROUTES,
    *notifications.ROUTES,
    *api_keys.ROUTES,
    *callback_secrets.ROUTES,
    *quotas.ROUTES,
    *audit_log.ROUTES,
    *portal_links.ROUTES,
    *health.ROUTES,
)
ROUTES = tuple(with_key(with_uid(route)) for route in _ROUTES)


def register(app: Flask) -> None:
    """Add this surface's routes to `app`."""
    # The shape of errors that belong to no surface, such as a malformed request.
    app.extensions[FALLBACK] = Surface("errors", (), (), problems.render)
    server = runtime_of(app).settings.public_url
    set_description(app, lambda: openapi.document(ROUTES, server))
    description = openapi.route(ROUTES, server)
    mount(
        app,
        Surface(
            name="api",
            routes=(*ROUTES, description, metrics.ROUTE),
            # Rules of the asset dialect below an organization's id match before the second one.
            unmatched=(PREFIX, f"{PREFIX}/<last_rest:rest>"),
            render_error=problems.render,
            text_ids=TEXT_IDS,
        ),
    )
    mount(app, relay.SURFACE)
    app.session_interface = PageSessions()
