"""The native JSON API: parses, calls one service or one query, renders."""

from flask import Flask

from app.api import (
    api_keys,
    callback_secrets,
    deliveries,
    dispatch,
    event_types,
    events,
    health,
    metrics,
    openapi,
    organizations,
    portal_links,
    recovery,
    webhooks,
)
from app.api.light import SessionsOfPages
from app.runtime.context import runtime_of

ROUTES = (
    *events.ROUTES,
    *event_types.ROUTES,
    *webhooks.ROUTES,
    *recovery.ROUTES,
    *deliveries.ROUTES,
    *organizations.ROUTES,
    *api_keys.ROUTES,
    *callback_secrets.ROUTES,
    *portal_links.ROUTES,
    *health.ROUTES,
)


def register(app: Flask) -> None:
    """Add this surface's routes to `app`."""
    described = openapi.route(ROUTES, runtime_of(app).settings.public_url)
    dispatch.mount(app, (*ROUTES, described))
    dispatch.mount_rest(app)
    metrics.register(app)
    app.session_interface = SessionsOfPages()
