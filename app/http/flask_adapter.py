"""Serve API surfaces from the Flask application."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, request, stream_with_context
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.wrappers import Request as FlaskRequest
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_list_header
from werkzeug.routing import BaseConverter

from app.http import kernel, people
from app.http.messages import Request, Streamed
from app.http.routes import Resource, Surface, resources
from app.http.wsgi import EnvironHeaders, body_reader
from app.runtime.context import runtime_of

NATIVE_PREFIX = "/api/v1"
# Of `Flask.extensions`: the surface whose shape an error has that belongs to none.
FALLBACK = "callboard.fallback"
# The same: {endpoint: (surface, resource)}.
_MOUNTED = "callboard.mounted"
# Of pages; APIs and receivers are exempt.
csrf = CSRFProtect()


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


@dataclass(frozen=True, slots=True)
class Target:
    """What serves a path. ids: the variable parts of the path. needs_flask: it is streamed, or
    knows signed-in people by Flask's session, and is served like a page."""

    surface: Surface
    resource: Resource
    ids: dict[str, str]
    needs_flask: bool = False


def locator(app: Flask) -> Callable[[str, str], Target | None]:
    """A function of method and path, as the application routes them: None for its pages."""
    mounted: dict[str, tuple[Surface, Resource]] = app.extensions[_MOUNTED]
    adapter = app.url_map.bind("localhost")
    needs_flask = {endpoint: _needs_flask(*served) for endpoint, served in mounted.items()}
    plain = {
        rule.rule: (*mounted[rule.endpoint], needs_flask[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if rule.endpoint in mounted and "<" not in rule.rule
    }

    def locate(method: str, path: str) -> Target | None:
        if path in plain:
            surface, resource, needs = plain[path]
            return Target(surface, resource, {}, needs)
        try:
            endpoint, ids = adapter.match(path, method)
        except HTTPException:
            return None
        if endpoint not in mounted:
            return None
        surface, resource = mounted[endpoint]
        return Target(surface, resource, dict(ids), needs_flask[endpoint])

    return locate


def _needs_flask(surface: Surface, resource: Resource) -> bool:
    return resource.streams or people.session in surface.credentials


def client_address(peer: str, forwarded_for: str | None, proxies: int) -> str:
    """The client's address behind this number of trusted proxies, as ProxyFix finds it."""
    values = parse_list_header(forwarded_for) if proxies and forwarded_for else []
    return values[-proxies] if values and len(values) >= proxies else peer


def mount(app: Flask, surface: Surface) -> None:
    """Serve `surface`. Its rules match every method, so that the kernel responds to a wrong one."""
    app.url_map.converters.update({"rest": Rest, "last_rest": LastRest})
    for name, pattern in surface.patterns:
        isolating = not name.endswith("path")
        converter = type(name, (BaseConverter,), {"part_isolating": isolating, "regex": pattern})
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
    app.extensions.setdefault(_MOUNTED, {})[endpoint] = (surface, resource)
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
        document = response.document
        if isinstance(document, Streamed):
            parts = stream_with_context(iter(document.parts))
            streamed = CompleteResponse(parts, response.status, Headers(response.headers))
            streamed.call_on_close(document.close)
            return streamed
        flask_response = CompleteResponse(
            # As a list: Werkzeug would set a Content-Length for bytes, also in response to a HEAD.
            [] if document is None else [document],
            response.status,
            Headers(response.headers),
        )
        if document is None:
            # Flask adds its default to a response without one.
            del flask_response.headers["Content-Type"]
        return flask_response

    return view
