"""Expressions that a tenant could save to keep the installation busy, and an event for them."""

import json
from typing import Any

_NUMBERS = [(i * 7919) % 100_003 + 0.5 for i in range(100_000)]

DOCUMENT: dict[str, Any] = {
    "payload": {
        "numbers": _NUMBERS,
        "same": list(_NUMBERS),
        "texts": [str(number) for number in _NUMBERS[:60_000]],
        "long": "a" * 900_000,
        "quotes": '\\"' * 1000,
        "nested": [[i, [i]] for i in range(20_000)],
        "object": {str(i): i for i in range(50_000)},
        "objects": [{"id": i, "name": str(i)} for i in range(15_000)],
        "digits": [10**4200] * 200,
        "prefixes": ["x" * 1000 + str(i) for i in range(900)],
    }
}


def _nested(function: str, inner: str, times: int) -> str:
    return f"{function}(" * times + inner + ")" * times


_COPIES, _OTHERS = (", ".join([f"payload.{name}"] * 3) for name in ("numbers", "same"))
# Each of these must be stopped.
HOSTILE: dict[str, str] = {
    "to_string, 25 deep": "[payload.quotes]" + "|to_string([@])" * 25,
    "sort, 60 deep": _nested("sort", "payload.numbers", 60),
    "sort of texts, 60 deep": _nested("sort", "payload.texts", 60),
    "sort of long texts, 90 deep": _nested("sort", "payload.prefixes", 90),
    "reverse, 60 deep": _nested("reverse", "payload.numbers", 60),
    "reverse of a text, 60 deep": _nested("reverse", "payload.long", 60),
    "join": "join(payload.long, payload.texts)",
    "many joins": "payload.texts[*].join('', ['a', @])",
    "map in map": "map(&map(&@, ['a', 'b']), payload.numbers)",
    "flatten": "payload.nested[][][]|[]",
    "flatten of copies": "[payload.numbers, payload.numbers][]",
    "slices": "payload.numbers" + "|[::-1]" * 80,
    "copies": "payload.nested[*].[@, @, @, @, @, @]",
    "selection": "payload.objects[*].{a: id, b: name, c: [id, name]}",
    "selection and filter": "payload.objects[*].[@, @, @][][?id == `1`]",
    "literals": "payload.numbers[*].[`[1, 2, 3]`, `{}`]",
    "contains with a list": " || ".join(["contains(payload.numbers, payload.same)"] * 60),
    "contains in each": f"map(&contains('{'a' * 50}b', @), payload.texts)",
    "contains with a long text": f"&& !contains(payload.long, '{'a' * 40}b')" * 48,
    "equality": "&& payload.numbers == payload.same" * 30,
    "equality of copies": f"[{_COPIES}] == [{_OTHERS}]",
    "merge": "&& merge(payload.object, payload.object)" * 60,
    "keys": _nested("sort", "keys(payload.object)", 60),
    "values": "&& sum(values(payload.object)) " * 60,
    "max_by": "&& max_by(payload.objects, &id)" * 3,
    "sort_by": "sort_by(payload.objects, &id)|sort_by(@, &name)|sort_by(@, &id)",
    "filters": "payload.numbers[?@ > `5`]",
    "wildcards": "payload.*.*.*",
    "to_string of everything": "to_string(payload)",
    "to_string of long numbers": "&& to_string(payload.digits)" * 5,
    "to_number": "map(&to_number(@), payload.texts)",
    "sum": "&& sum(payload.numbers)" * 60,
    "max": "&& max(payload.texts)" * 60,
}
HOSTILE = {name: text.removeprefix("&& ") for name, text in HOSTILE.items()}


def payload(name: str) -> bytes:
    """A payload of less than 1 MiB with only this field."""
    value = DOCUMENT["payload"][name]
    return json.dumps({name: value}, separators=(",", ":")).encode()
