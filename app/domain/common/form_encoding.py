"""Parameters: as a form's body, or in a URL's query."""

from collections.abc import Iterable
from urllib.parse import quote

from app.domain.bodies.spec import Body, CannotRender
from app.domain.common.json_text import fields_of, plain

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

# Methods whose requests carry their parameters in the URL and have no body.
QUERY_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def form(pairs: Iterable[tuple[str, str]]) -> bytes:
    """`name=value&...`, percent-encoded. A space becomes %20: form parsers and URI decoders both
    read it, where only the former read a plus."""
    parts = (f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return "&".join(parts).encode()


def into_query(url: str, body: Body) -> str:
    """`url` with the body's parameters after its own query, and without a fragment.

    A form goes in as it is. The top-level fields of a JSON object become parameters: texts plain,
    null empty, all else as compact JSON. CannotRender for JSON that is not an object.
    """
    address = url.partition("#")[0]
    parameters = _parameters(body)
    if not parameters:
        return address
    path, mark, own = address.partition("?")
    joint = "&" if own and not own.endswith("&") else ""
    return f"{path}?{own}{joint}{parameters}" if mark else f"{path}?{parameters}"


def query_of(url: str) -> str:
    """The query of a URL as it is sent, without the question mark; "" when it has none."""
    return url.partition("#")[0].partition("?")[2]


def _parameters(body: Body) -> str:
    content = body.content
    if body.content_type != FORM:
        try:
            fields = fields_of(content)
        except ValueError as error:
            detail = "Only an object can go into a URL's query, and the body is none."
            raise CannotRender("unrenderable", detail) from error
        content = form((name, plain(bytes(value))) for name, value in fields.items())
    return content.decode("ascii")
