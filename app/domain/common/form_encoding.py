"""Encode parameters as a form's body or a URL's query."""

from collections.abc import Iterable
from urllib.parse import quote

from app.domain.bodies.spec import Body, CannotRender
from app.domain.common.json_text import fields_of, plain

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

# Methods whose requests carry their parameters in the URL and have no body.
QUERY_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def form(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return `name=value&...`, percent-encoded. A space becomes %20, which form parsers and URI
    decoders both understand; a plus is understood by form parsers only."""
    parts = (f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return "&".join(parts).encode()


def into_query(url: str, body: Body) -> str:
    """Append the body's parameters to the URL's query and drop the fragment.

    A form is appended unchanged. Of a JSON object the top-level fields become parameters: strings
    without quotes, null empty, the rest as compact JSON. Raises CannotRender for other JSON.
    """
    address = url.partition("#")[0]
    parameters = _parameters(body)
    if not parameters:
        return address
    path, mark, query = address.partition("?")
    separator = "&" if query and not query.endswith("&") else ""
    return f"{path}?{query}{separator}{parameters}" if mark else f"{path}?{parameters}"


def query_of(url: str) -> str:
    """Return the URL's query as it is sent, without the question mark."""
    return url.partition("#")[0].partition("?")[2]


def _parameters(body: Body) -> str:
    content = body.content
    if body.content_type != FORM:
        try:
            fields = fields_of(content)
        except ValueError as error:
            detail = "Only a JSON object can be sent in the query of a URL."
            raise CannotRender("unrenderable", detail) from error
        content = form((name, plain(bytes(value))) for name, value in fields.items())
    return content.decode("ascii")
