"""Read event types from the webhooks of an OpenAPI document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import Invalid, invalid
from app.domain.event_types.fields import MAX_DESCRIPTION
from app.domain.event_types.names import check_name
from app.domain.event_types.schema_bundles import Bundler, CannotBundle, resolved
from app.domain.event_types.schema_samples import sample_of

MAX_WEBHOOKS = 500
_METHODS = ("post", "put", "patch", "get", "delete", "options", "head", "trace")
_REMEDY = "Use an OpenAPI 3 document with `webhooks` or `x-webhooks`."


@dataclass(frozen=True, slots=True)
class Described:
    """problem: a sentence on why it cannot be imported, or None. schema: self-contained. sample:
    the document's example, or one generated from the schema."""

    name: str
    problem: str | None = None
    description: str = ""
    sample: dict[str, Any] | None = None
    schema: dict[str, Any] | None = None


def described(document: object) -> list[Described]:
    """Return the webhooks in order, each name once. Raises Invalid on `document`."""
    version = document.get("openapi") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not str(version).startswith("3."):
        raise invalid("document", "format", "Not an OpenAPI 3 document.", _REMEDY)
    webhooks: dict[str, Any] = {}
    for key in ("webhooks", "x-webhooks"):
        if isinstance(document.get(key), dict):
            webhooks |= document[key]
    if not webhooks:
        raise invalid("document", "empty", "It describes no webhooks.", _REMEDY)
    if len(webhooks) > MAX_WEBHOOKS:
        problem = f"It describes {len(webhooks)} webhooks."
        raise invalid("document", "length", problem, f"Import at most {MAX_WEBHOOKS} at once.")
    bundler = Bundler(document, is_old=str(version).startswith("3.0"))
    return [_described(name, item, bundler) for name, item in webhooks.items()]


def _described(name: str, item: object, bundler: Bundler) -> Described:
    document = bundler.document
    try:
        check_name(name)
        operation = _operation(resolved(item, document))
        schema, examples = _content(operation, document)
        whole = None if schema is None else bundler.bundled(schema)
        sample = next((each for each in examples if isinstance(each, dict)), None)
        if sample is None and whole is not None:
            sample = sample_of(whole)
        return Described(name, None, _description(item, operation), sample or None, whole)
    except Invalid as error:
        first = error.errors[0]
        return Described(name[:200], f"{first.problem} {first.remedy}")
    except CannotBundle as error:
        return Described(name, str(error))


def _operation(item: object) -> Mapping[str, Any]:
    """Return the request's operation; POST comes first."""
    if isinstance(item, dict):
        for method in _METHODS:
            if isinstance(item.get(method), dict):
                operation: dict[str, Any] = item[method]
                return operation
    raise CannotBundle("It describes no request.")


def _description(item: object, operation: Mapping[str, Any]) -> str:
    sources = [operation, item if isinstance(item, dict) else {}]
    for name in ("description", "summary"):
        for source in sources:
            text = source.get(name)
            if isinstance(text, str) and text.strip():
                return text.strip()[:MAX_DESCRIPTION]
    return ""


def _content(operation: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """Return the schema of the request's body, or None, and its examples."""
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
    for entry in named.values() if isinstance(named, dict) else ():
        example = resolved(entry, document)
        yield example.get("value") if isinstance(example, dict) else None
    if isinstance(schema, dict):
        yield schema.get("example")
        listed = schema.get("examples")
        yield from listed if isinstance(listed, list) else ()
