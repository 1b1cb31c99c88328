"""Map webhooks between the asset dialect and the native API."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.compat.common.views import Document, WebhookView
from app.domain.common.errors import FieldError, Invalid
from app.domain.webhooks.settings.catalogue import BY_NAME

FIELDS = ("url", "secret_token")

# Without a limit nearly every organization gets its whole list.
DEFAULT_LIMIT, MAX_LIMIT = 100, 1000


def to_create(fields: Document) -> Document:
    return {**_required(fields), "preset": "asset"}


def to_update(fields: Document, _: WebhookView) -> Document:
    return _required(fields)


def _required(fields: Document) -> Document:
    """Both fields must be there and valid; all others are ignored. Invalid, with the errors of
    both."""
    errors = [error for name in FIELDS for error in _faults(fields, name)]
    if errors:
        raise Invalid(errors)
    return {name: fields[name] for name in FIELDS}


def _faults(fields: Document, name: str) -> list[FieldError]:
    if missing := _missing(fields, name):
        return [FieldError(name, "required", f"This field {missing}.", "")]
    try:
        BY_NAME[name].type.check(fields[name], name)
    except Invalid as error:
        return list(error.errors)
    return []


def _missing(fields: Document, name: str) -> str | None:
    if name not in fields:
        return "is required"
    if fields[name] is None:
        return "may not be null"
    return "may not be blank" if fields[name] == "" else None


def render(webhook: WebhookView) -> Document:
    return {"url": webhook.url, "secret_token": webhook.secret, "id": webhook.id}


@dataclass(frozen=True, slots=True)
class Window:
    """One page of a list. page: its number from 1; None if the client gave an offset."""

    offset: int
    limit: int
    page: int | None


def window_of(query: Mapping[str, str]) -> Window | None:
    """By `page` (with `limit` or `page_size`), else by `limit` and `offset`, where the original
    ignores what is not a number. None: there is no such page."""
    limit = _number(query.get("limit")) or _number(query.get("page_size")) or DEFAULT_LIMIT
    limit = min(limit, MAX_LIMIT)
    if "page" not in query or "offset" in query:
        return Window(_number(query.get("offset")) or 0, limit, None)
    page = _number(query["page"])
    return Window((page - 1) * limit, limit, page) if page else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def page(
    documents: list[Document], count: int, window: Window, url: str, query: Mapping[str, str]
) -> Document:
    """url: of the list, without its query. query: the client's, which the links repeat."""

    def link(offset: int) -> str:
        if window.page is not None:
            position = {"page": str(offset // window.limit + 1)}
        else:
            position = {"limit": str(window.limit), "offset": str(offset)}
        return f"{url}?{urlencode({**query, **position})}"

    after, before = window.offset + window.limit, max(0, window.offset - window.limit)
    return {
        "count": count,
        "next": link(after) if after < count else None,
        "previous": link(before) if window.offset else None,
        "results": documents,
    }
