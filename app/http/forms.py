"""Fields of a form body, URL-encoded or multipart."""

import io
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from app.domain.common.errors import Malformed

MAX_FIELDS = 1000

Pairs = list[tuple[str, str]]


def parse_form(body: bytes) -> Pairs:
    try:
        return parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as error:
        raise Malformed("The form is not UTF-8 or has too many fields.") from error


def parse_multipart(body: bytes, content_type: str) -> Pairs:
    """Files are skipped."""
    _, parameters = parse_options_header(content_type)
    boundary = parameters.get("boundary", "").encode("ascii", "ignore")
    if not boundary:
        raise Malformed("The Content-Type has no boundary.")
    try:
        parser = MultiPartParser(lambda *_, **__: io.BytesIO(), max_form_parts=MAX_FIELDS)
        form, _ = parser.parse(io.BytesIO(body), boundary, len(body))
    except Exception as error:
        # The parser raises ValueError or HTTP errors of Werkzeug for a malformed form.
        raise Malformed("The multipart form cannot be parsed.") from error
    return list(form.items(multi=True))


def fields_of(pairs: Pairs, lists: Collection[str]) -> dict[str, Any]:
    """Of a repeated name the last value counts, because a check box follows the hidden field that
    says no; of the names in `lists` all values do."""
    fields: dict[str, Any] = dict(pairs)
    for name in fields.keys() & set(lists):
        fields[name] = [value for each, value in pairs if each == name]
    return fields
