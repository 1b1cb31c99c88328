"""The event types that an OpenAPI document describes as its webhooks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import Invalid, invalid
from app.domain.event_types.fields import MAX_DESCRIPTION
from app.domain.event_types.names import check_name
from app.domain.event_types.schema_bundles import Bundler, CannotBundle, resolved
from app.domain.event_types.schema_samples import sample_of

MOST = 500
_METHODS = ("post", "put", "patch", "get", "delete", "options", "head", "trace")
_REMEDY = "Give an OpenAPI document of version 3 with `webhooks`, or `x-webhooks`."


@dataclass(frozen=True, slots=True)
class Described:
    """problem: why it cannot become an event type, a sentence; None: it can. schema: standing
    alone. sample: the document's example, else one made from the schema."""

    name: str
    problem: str | None = None
    description: str = ""
    sample: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None


def described(document: object) -> list[Described]:
    """In the document's order, each name once. Invalid on `document`."""
    version = document.get("openapi") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not str(version).startswith("3."):
        raise invalid("document", "format", "It is no OpenAPI document of version 3.", _REMEDY)
    found: dict[str, Any] = {}
    for place in ("webhooks", "x-webhooks"):
        if isinstance(document.get(place), dict):
            found |= document[place]
    if not found:
        raise invalid("document", "empty", "It describes no webhooks.", _REMEDY)
    if len(found) > MOST:
        problem = f"It describes {len(found)} webhooks."
        raise invalid("document", "length", problem, f"Give at most {MOST} at once.")
    bundler = Bundler(document, is_old=str(version).startswith("3.0"))
    return [_described(name, item, bundler) for name, item in found.items()]


def _described(name: str, item: object, bundler: Bundler) -> Described:
    document = bundler.document
    try:
        check_name(name)
        operation = _operation(resolved(item, document))
        schema, examples = _content(operation, document)
        whole = None if schema is None else bundler.bundled(schema)
        given = [one for one in examples if isinstance(one, dict)]
        sample = given[0] if given else None if whole is None else sample_of(whole)
        return Described(name, None, _words(item, operation), sample or None, whole)
    except Invalid as error:
        found = error.errors[0]
        return Described(name[:200], f"{found.problem} {found.remedy}")
    except CannotBundle as error:
        return Described(name, str(error))


def _operation(item: object) -> Mapping[str, Any]:
    """What is sent: of several methods, POST."""
    if isinstance(item, dict):
        for method in _METHODS:
            if isinstance(item.get(method), dict):
                found: dict[str, Any] = item[method]
                return found
    raise CannotBundle("It describes no request.")


def _words(item: object, operation: Mapping[str, Any]) -> str:
    places = [operation, item if isinstance(item, dict) else {}]
    for name in ("description", "summary"):
        for place in places:
            text = place.get(name)
            if isinstance(text, str) and text.strip():
                return text.strip()[:MAX_DESCRIPTION]
    return ""


def _content(operation: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """The schema of the request's body (None: it has none) and its examples."""
    body = resolved(operation.get("requestBody"), document)
    content = body.get("content") if isinstance(body, dict) else None
    media = next(_json_media(content), None) if isinstance(content, dict) else None
    if media is None:
        return None, []
    schema = media.get("schema")
    return schema, list(_examples(media, resolved(schema, document), document))


def _json_media(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind, media in content.items():
        bare = str(kind).partition(";")[0].strip().lower()
        is_json = bare in ("application/json", "*/*", "application/*") or bare.endswith("+json")
        if is_json and isinstance(media, dict):
            yield media


def _examples(media: Mapping[str, Any], schema: Any, document: Mapping[str, Any]) -> Iterator[Any]:
    yield media.get("example")
    named = media.get("examples")
    for one in named.values() if isinstance(named, dict) else ():
        example = resolved(one, document)
        yield example.get("value") if isinstance(example, dict) else None
    if isinstance(schema, dict):
        yield schema.get("example")
        listed = schema.get("examples")
        yield from listed if isinstance(listed, list) else ()
