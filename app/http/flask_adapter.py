"""Serve API surfaces from the Flask application."""

from collections.abc import Callable

from flask import Flask, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request as FlaskRequest
from werkzeug.datastructures import Headers
from werkzeug.routing import BaseConverter

from app.http import kernel
from app.http.messages import Request
from app.http.routes import Resource, Surface, resources
from app.http.wsgi import EnvironHeaders, body_reader
from app.models.base import csrf
from app.runtime.context import runtime_of

NATIVE_PREFIX = "/api/v1"


class Rest(BaseConverter):
    """Everything that no other rule matches: empty, with slashes, with line ends."""

    part_isolating = False
    regex = r"[\s\S]*"
    weight = 5_000


class LastRest(Rest):
    """Matches after the `rest` of every other surface."""

    weight = 10_000


class PageSessions(SecureCookieSessionInterface):
    """Opens no session for the native API; looking for one takes 15 microseconds."""

    def open_session(self, app: Flask, request: FlaskRequest) -> SecureCookieSession | None:
        if request.path.startswith(NATIVE_PREFIX):
            # Flask then sets an empty session that cannot be written.
            return None
        return super().open_session(app, request)


class CompleteResponse(Response):
    """Its headers are complete: Werkzeug's corrections take as long as finding them."""

    def get_wsgi_headers(self, environ: object) -> Headers:  # noqa: ARG002
        return self.headers


def mount(app: Flask, surface: Surface) -> None:
    """Serve `surface`. Its rules match every method, so that the kernel responds to a wrong one."""
    app.url_map.converters.update({"rest": Rest, "last_rest": LastRest})
    for name, pattern in surface.patterns:
        converter = type(name, (BaseConverter,), {"part_isolating": True, "regex": pattern})
        app.url_map.converters[name] = converter
    for resource in resources(surface.routes):
        # Both rules are explicit, because the rules for unmatched paths would take the other one.
        slashes = ("", "/") if surface.both_slashes else ("",)
        _add(app, surface, resource, [resource.path + slash for slash in slashes])
    for path in surface.unmatched:
        _add(app, surface, Resource(path, {}), [path])


def _add(app: Flask, surface: Surface, resource: Resource, paths: list[str]) -> None:
    endpoint = f"{surface.name} {resource.path}"
    for path in paths:
        rule = app.url_rule_class(path, endpoint=endpoint, methods=None, merge_slashes=False)
        rule.provide_automatic_options = False  # type: ignore[attr-defined]
        app.url_map.add(rule)
    view = _view(app, surface, resource)
    app.view_functions[endpoint] = view
    csrf.exempt(view)


def _view(app: Flask, surface: Surface, resource: Resource) -> Callable[..., Response]:

    def view(**ids: str) -> Response:
        environ = request.environ
        response = kernel.respond(
            surface,
            resource,
            Request(
                method=environ["REQUEST_METHOD"],
                path=request.path,
                query_string=environ.get("QUERY_STRING", "").encode("latin-1"),
                headers=EnvironHeaders(environ),
                read_body=body_reader(environ),
                ids=ids,
                remote_address=environ.get("REMOTE_ADDR"),
                scheme=environ["wsgi.url_scheme"],
            ),
            runtime_of(app),
        )
        flask_response = CompleteResponse(
            # As a list: Werkzeug would set a Content-Length for bytes, also in response to a HEAD.
            [] if response.document is None else [response.document],
            response.status,
            Headers(response.headers),
        )
        if response.document is None:
            # Flask adds its default to a response without one.
            del flask_response.headers["Content-Type"]
        return flask_response

    return view
