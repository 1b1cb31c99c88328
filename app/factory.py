"""The application of the web process and of the commands: the core and its surfaces."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import Settings
from app.core import create_core


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its surfaces."""
    app = create_core(settings)
    _register_surfaces(app)
    proxies = app.extensions["callboard.settings"].trusted_proxies
    if proxies:
        # Who asks, and nothing else: links are made from PUBLIC_URL.
        fixed = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0, x_host=0)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    return app


def _register_surfaces(app: Flask) -> None:
    """Each surface's package has one `register(app)`; they never import each other."""
    from app import api, compat, web

    for surface in (api, compat, web):
        surface.register(app)
