"""The application of the web process and of the commands: the core and its surfaces."""

from flask import Flask

from app.config import Settings
from app.core import create_core


def create_app(settings: Settings | None = None) -> Flask:
    """The application with its surfaces."""
    app = create_core(settings)
    _register_surfaces(app)
    return app


def _register_surfaces(app: Flask) -> None:
    """Each surface's package has one `register(app)`; they never import each other."""
    from app import api, compat, web

    for surface in (api, compat, web):
        surface.register(app)
