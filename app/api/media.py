"""A request's body: in the right form, of the right size, read once."""

from flask import Request

from app.api.problems import wrong_content_type
from app.api.route import Route
from app.domain.common.errors import Malformed
from app.http.reading import read_body
from app.runtime.context import runtime

_PLAIN = ("application/json", "application/json; charset=utf-8", "application/json;charset=utf-8")
# What a request that needs no body may carry all the same: white space, or an empty object.
_EMPTY_BYTES = 4096


def body_of(request: Request, route: Route) -> bytes:
    """ProtocolError 415 for another content type than JSON, TooLarge beyond the route's limit,
    Malformed for a body where none is taken."""
    if route.body is None:
        if read_body(request, _EMPTY_BYTES).strip() not in (b"", b"{}"):
            raise Malformed("This path takes no body.")
        return b""
    settings = runtime().settings
    # From the environ, as Werkzeug's headers cost 3 microseconds each in every event's way.
    environ = request.environ
    packed = environ.get("HTTP_CONTENT_ENCODING", "identity")
    if packed.lower() != "identity":
        raise wrong_content_type("Content-Encoding", packed[:40], "none, as it is not unpacked")
    given = environ.get("CONTENT_TYPE", "")
    if given not in _PLAIN and not _is_json(request):
        return _no_body(request, route, given)
    return read_body(request, getattr(settings, route.max_bytes))


def _is_json(request: Request) -> bool:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    return request.mimetype == "application/json" and charset in ("utf-8", "utf8")


def _no_body(request: Request, route: Route, given: str) -> bytes:
    """Only an empty body needs no content type, and only where a body may be left out."""
    chunked = "Transfer-Encoding" in request.headers
    if route.body_optional and not given and not request.content_length and not chunked:
        return b""
    raise wrong_content_type("Content-Type", given[:100], "application/json")
