"""Rules for a route's body: which content types it accepts, how large it may be, how it is read."""

from collections.abc import Collection
from dataclasses import dataclass
from types import UnionType
from typing import Any, Protocol

from app.domain.common.errors import Malformed
from app.domain.common.strict_json import parse_object
from app.http import forms
from app.http.errors import unsupported_media_type
from app.http.messages import Request
from app.runtime.configuration.settings import Settings

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_PLAIN_JSON = (JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-8")
# White space or an empty object may come with a request that needs no body.
_EMPTY_BYTES = 4096


class BodyRule(Protocol):
    """read: sets `request.body` or `request.fields`. TooLarge, Malformed, HttpError 415.
    limit: the largest body that `read` accepts, in bytes."""

    def limit(self, settings: Settings) -> int: ...

    def read(self, request: Request, settings: Settings) -> None: ...


@dataclass(frozen=True, slots=True)
class NoBody:
    """The body must be empty."""

    def limit(self, settings: Settings) -> int:  # noqa: ARG002
        return _EMPTY_BYTES

    def read(self, request: Request, settings: Settings) -> None:  # noqa: ARG002
        if request.read_body(_EMPTY_BYTES).strip() not in (b"", b"{}"):
            raise Malformed("This path takes no body.")


@dataclass(frozen=True, slots=True)
class JsonBody:
    """JSON only; the handler parses the bytes. schema: for the API's description.
    optional: the body may be left out. max_bytes: the name of a field of Settings."""

    schema: type | UnionType | None = None
    optional: bool = False
    max_bytes: str = "max_event_bytes"

    def limit(self, settings: Settings) -> int:
        limit: int = getattr(settings, self.max_bytes)
        return limit

    def read(self, request: Request, settings: Settings) -> None:
        _check_encoding(request)
        content_type = request.headers.get("content-type") or ""
        if content_type not in _PLAIN_JSON and not _is_json(content_type):
            if self.optional and not content_type and _is_empty(request):
                return
            raise unsupported_media_type("Content-Type", content_type, JSON)
        request.body = request.read_body(self.limit(settings))


@dataclass(frozen=True, slots=True)
class FieldsBody:
    """Fields, as JSON or as a form; an empty body has none, whatever its content type. A form's
    values are text. lists: see `forms.fields_of`."""

    lists: Collection[str] = ()

    def limit(self, settings: Settings) -> int:
        return settings.max_event_bytes

    def read(self, request: Request, settings: Settings) -> None:
        body = request.read_body(self.limit(settings))
        _check_encoding(request)
        if body.strip():
            request.fields = self._parse(request, body)

    def _parse(self, request: Request, body: bytes) -> dict[str, Any]:
        content_type = request.headers.get("content-type") or ""
        media_type, _ = parse_content_type(content_type)
        if media_type == JSON or media_type.endswith("+json"):
            return parse_object(body)
        if media_type == FORM:
            return forms.fields_of(forms.parse_form(body), self.lists)
        if media_type == MULTIPART:
            return forms.fields_of(forms.parse_multipart(body, content_type), self.lists)
        raise unsupported_media_type("Content-Type", content_type, f"{JSON} or {FORM}")


def parse_content_type(value: str) -> tuple[str, str]:
    """Media type and charset, both in lower case; the charset defaults to utf-8."""
    media_type, *parameters = value.lower().split(";")
    named = (parameter.partition("=") for parameter in parameters)
    charsets = [text.strip(' "') for name, _, text in named if name.strip() == "charset"]
    return media_type.strip(), charsets[0] if charsets else "utf-8"


def _is_json(content_type: str) -> bool:
    media_type, charset = parse_content_type(content_type)
    return media_type == JSON and charset in ("utf-8", "utf8")


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding") or "identity"
    if encoding.lower() != "identity":
        raise unsupported_media_type("Content-Encoding", encoding[:40], "identity")


def _is_empty(request: Request) -> bool:
    return (
        request.headers.get("transfer-encoding") is None
        and (request.headers.get("content-length") or "0") == "0"
    )
