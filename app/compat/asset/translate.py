"""Webhooks in the words of this dialect, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.compat.common.dialect import Answer
from app.compat.common.faults import Fault
from app.domain.common.errors import FieldError, Invalid

FIELDS = ("url", "secret_token")
NO_SUCH_PATH = "The requested resource was not found on this server."

# A list without a word about its length is whole for nearly everybody.
USUAL, MOST = 100, 1000


def given_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the native API would be given; both fields are required, all others passed over."""
    given = {name: fields[name] for name in FIELDS if name in fields}
    errors = [
        FieldError(name, "required", f"This field {what}.", "")
        for name in FIELDS
        if (what := _missing(given, name))
    ]
    if errors:
        raise Invalid(errors)
    return given


def _missing(given: Mapping[str, Any], name: str) -> str | None:
    if name not in given:
        return "is required"
    if given[name] is None:
        return "may not be null"
    return "may not be blank" if given[name] == "" else None


def shown(webhook_id: str, url: str, secret_token: str | None) -> dict[str, Any]:
    return {"url": url, "secret_token": secret_token, "id": webhook_id}


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a list, and how the caller asked for it. page: its number, None by offset."""

    offset: int
    limit: int
    page: int | None


def window_of(query: Mapping[str, str]) -> Window | None:
    """By `page` (from 1, of `limit` or `page_size`), else by `limit` and `offset`, where the
    original passes over what is no number. None: there is no such page."""
    limit = _number(query.get("limit")) or _number(query.get("page_size")) or USUAL
    limit = min(limit, MOST)
    if "page" not in query or "offset" in query:
        return Window(_number(query.get("offset")) or 0, limit, None)
    page = _number(query["page"])
    return Window((page - 1) * limit, limit, page) if page else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 12 else None


def listed(
    rows: Iterable[dict[str, Any]], count: int, window: Window, place: str, query: Mapping[str, str]
) -> dict[str, Any]:
    """place: the list's whole URL without a query. query: as it was asked, kept in the links."""

    def link(offset: int) -> str:
        if window.page is not None:
            own = {"page": str(offset // window.limit + 1)}
        else:
            own = {"limit": str(window.limit), "offset": str(offset)}
        return f"{place}?{urlencode({**query, **own})}"

    after, before = window.offset + window.limit, max(0, window.offset - window.limit)
    return {
        "count": count,
        "next": link(after) if after < count else None,
        "previous": link(before) if window.offset else None,
        "results": list(rows),
    }


def fault(found: Fault) -> Answer:
    """`{"detail"}`, or `{field: [messages]}` with 400; a path or an organization that is none gets
    the same words, so that nothing is learnt."""
    if found.code in ("no_such_path", "organization"):
        return Answer(404, NO_SUCH_PATH, content_type="text/plain; charset=utf-8")
    if found.code == "unauthorized":
        return Answer(401, {"detail": "Invalid token."})
    if found.code == "not_found":
        return Answer(404, {"detail": "Not found."})
    if not found.errors:
        return Answer(found.status, {"detail": found.message})
    messages: dict[str, list[str]] = {}
    for error in found.errors:
        messages.setdefault(error.field, []).append(f"{error.problem} {error.remedy}".strip())
    return Answer(400, messages)
