"""Rules for the headers that a webhook adds to its requests."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from app.domain.common.errors import FieldError, Invalid
from app.domain.common.names import is_token
from app.domain.common.strict_json import kind_of

MAX_HEADERS = 50
# Name and value together, in bytes.
MAX_HEADER = 4096
# Headers of the connection and of message framing, which the HTTP client sets.
FORBIDDEN = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
    }
)
FORBIDDEN_PREFIXES = ("proxy-", "webhook-")
# Headers whose values are always credentials: secret even if they are given as ordinary headers.
CREDENTIALS = frozenset({"authorization"})

Pair = tuple[str, str]

# Of a value, as JSON Schema: Latin-1 without control characters and without spaces at its ends.
VALUE_PATTERN = r"^([!-~\x80-\xff]([\t -~\x80-\xff]*[!-~\x80-\xff])?)?$"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REMEDY = 'Use an object such as {"X-Team": "video"}, or a list of [name, value] pairs.'


def check_headers(value: object, field: str = "headers") -> list[list[str]]:
    """Return [name, value] pairs in order. Raises Invalid with an error for each invalid header.

    value: an object, a list of pairs, or a list of objects with `name` and `value`; None: none.
    """
    errors: list[FieldError] = []
    pairs = list(_pairs(value, field, errors))
    if len(pairs) > MAX_HEADERS:
        problem = f"There are {len(pairs)} headers."
        errors.append(FieldError(field, "range", problem, f"Use at most {MAX_HEADERS}."))
    seen: set[str] = set()
    for path, name, text in pairs[:MAX_HEADERS]:
        errors += header_faults(name, text, path)
        if name.lower() in seen:
            problem = f"Duplicate header {name[:60]}."
            errors.append(FieldError(path, "duplicate", problem, "Use each header once."))
        seen.add(name.lower())
    if errors:
        raise Invalid(errors)
    return [[name, text] for _, name, text in pairs]


def check_secret_headers(value: object, field: str = "secret_headers") -> list[list[str]]:
    """Like `check_headers`; values must not be empty, which would hide nothing."""
    pairs = check_headers(value, field)
    empty = [name for name, text in pairs if not text]
    if empty:
        problem = "The value is empty."
        remedy = "Enter the credential, or remove the header."
        raise Invalid([FieldError(f"{field}.{name}", "empty", problem, remedy) for name in empty])
    return pairs


def parse_pairs(text: str) -> list[Pair]:
    """The headers in `dump_pairs`' text."""
    return [(name, value) for name, value in json.loads(text)]


def dump_pairs(pairs: Iterable[Sequence[str]]) -> str:
    return json.dumps([list(pair) for pair in pairs], ensure_ascii=False)


def split(
    public: Iterable[Sequence[str]], secret: Iterable[Sequence[str]]
) -> tuple[list[Pair], list[Pair]]:
    """Return the public and the secret headers. A public header that is a credential or has the
    name of a secret one is secret; the value in `secret` counts."""
    secrets: list[Pair] = [(name, text) for name, text in secret]
    names = {name.lower() for name, _ in secrets}
    others: list[Pair] = []
    for name, text in public:
        if name.lower() in names:
            continue
        (secrets if name.lower() in CREDENTIALS and text else others).append((name, text))
    return others, secrets


def header_faults(name: str, text: str, field: str) -> list[FieldError]:
    """Return all errors of one header."""
    errors = [*name_faults(name, field), *value_faults(text, field)]
    size = len(name) + len(text)
    if size > MAX_HEADER:
        remedy = f"Use at most {MAX_HEADER} bytes for name and value together."
        errors.append(FieldError(field, "length", f"It has {size} bytes.", remedy))
    return errors


def name_faults(name: str, field: str) -> Iterator[FieldError]:
    lowered = name.lower()
    if not is_token(name):
        remedy = "Use letters, digits and hyphens."
        yield FieldError(field, "name", f"{name[:60]!r} is not a valid header name.", remedy)
    elif lowered in FORBIDDEN or lowered.startswith(FORBIDDEN_PREFIXES):
        problem = f"The header {name[:60]} is reserved."
        yield FieldError(field, "reserved", problem, "Remove it or use another name.")


def value_faults(text: str, field: str) -> Iterator[FieldError]:
    if _CONTROL.search(text) is not None:
        problem = "The value contains a line break or another control character."
        yield FieldError(field, "characters", problem, "Use one line of printable text.")
    elif text != text.strip(" \t"):
        problem = "The value starts or ends with white space."
        yield FieldError(field, "characters", problem, "Remove the white space.")
    if text and max(text) > "\xff":
        problem = f"HTTP headers carry only Latin-1 characters, and the value has {max(text)!r}."
        remedy = "Use Latin-1, or encode the value, for example as percent-encoded UTF-8."
        yield FieldError(field, "characters", problem, remedy)


def _pairs(value: object, field: str, errors: list[FieldError]) -> Iterator[tuple[str, str, str]]:
    """Yield path, name and value of each header whose types are right."""
    items: list[tuple[str, tuple[object, object] | None]] = []
    if isinstance(value, dict):
        items = [(f"{field}.{str(name)[:60]}", (name, text)) for name, text in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{field}[{index}]", _pair(item)) for index, item in enumerate(value)]
    elif value is not None:
        errors.append(
            FieldError(
                field, "type", f"Expected an object or a list, got {kind_of(value)}.", _REMEDY
            )
        )
    for path, pair in items:
        name, text = pair or (None, None)
        if isinstance(name, str) and isinstance(text, str):
            yield path, name, text
        else:
            problem = "Expected a name and a value, both strings."
            errors.append(FieldError(path, "type", problem, _REMEDY))


def _pair(item: object) -> tuple[object, object] | None:
    if isinstance(item, dict) and item.keys() == {"name", "value"}:
        return item["name"], item["value"]
    if isinstance(item, list | tuple) and len(item) == 2:
        return item[0], item[1]
    return None
