"""Merge fields: `{{NAME}}` in a one-off callback URL, replaced by the producer's values."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from app.domain.common.errors import FieldError, Invalid

_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\]*")
_STRAY = re.compile(r"\{\{|\}\}")


def merge_callback(url: str, merge: Iterable[tuple[str, str]], field: str = "callback") -> str:
    """Replace every `{{find}}` by its value, percent-encoded.

    merge: pairs of find and replace; the last one of a name counts. White space around a name is
    ignored: `{{ NAME }}`. A stray `{{` or `}}` gets percent-encoded. Raises Invalid for a field
    without a value or in the host.
    """
    if "{{" not in url and "}}" not in url:
        return url
    values = {find.strip(): replace for find, replace in merge}
    errors = [_unknown(name, field) for name in _names(url) if name not in values]
    if "{{" in _origin(url):
        errors.append(_in_host(field))
    if errors:
        raise Invalid(errors)
    parts = _PLACEHOLDER.split(url)
    # Every second part is a name. Values are not searched for further fields.
    return "".join(
        quote(values[part.strip()], safe="") if index % 2 else _STRAY.sub(_encoded, part)
        for index, part in enumerate(parts)
    )


def _names(url: str) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in _PLACEHOLDER.findall(url)))


def _origin(url: str) -> str:
    match = _ORIGIN.match(url)
    return match.group() if match else url


def _encoded(braces: re.Match[str]) -> str:
    return quote(braces.group(), safe="")


def _unknown(name: str, field: str) -> FieldError:
    return FieldError(
        field,
        "merge",
        f"No value for {{{{{name}}}}}.",
        f'Add {{"find": "{name}", "replace": ...}} to `merge`, or remove it from the URL.',
    )


def _in_host(field: str) -> FieldError:
    return FieldError(
        field,
        "merge",
        "Merge fields are not allowed in the scheme and host of a URL.",
        "Use merge fields only in the path and the query.",
    )
