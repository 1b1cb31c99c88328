"""Find settings in a webhook's row that cannot be read.

SQLite stores any value in any column, and a program other than Callboard may have written the row.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import CallboardError
from app.domain.webhooks.retries import parse_policy
from app.domain.webhooks.success import StatusRule


class Unreadable(dict[str, Any]):
    """Stands for a stored document that is not JSON. It is empty, so that rows with it can be
    shown and deleted."""


def read_document(text: str | bytes) -> Any:
    """What JSON text holds; Unreadable if it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return Unreadable()


class DamagedSettings(ValueError):
    """The text names the setting and what it must be."""


@dataclass(frozen=True, slots=True)
class _Check:
    """default: shown instead until a person saves the webhook."""

    is_valid: Callable[[Any], bool]
    expected: str
    default: Any


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and value > 0


def _is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _are_pairs(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        _are_texts(item) and len(item) == 2 for item in value
    )


def _is_rule(value: Any) -> bool:
    return _are_texts(value) and bool(StatusRule(value).statuses)


def _is_policy(value: Any) -> bool:
    try:
        parse_policy(value)
    except CallboardError:
        return False
    return True


_LIST = "a list of texts"
_CHECKS = {
    "max_in_flight": _Check(_is_whole_number, "a whole number above 0", 1),
    "timeout_seconds": _Check(_is_number, "a number above 0", 10.0),
    "rate_limit_per_second": _Check(
        lambda value: value is None or _is_number(value), "a number above 0", None
    ),
    "headers": _Check(_are_pairs, "a list of names and values", []),
    "event_types": _Check(lambda value: value is None or _are_texts(value), _LIST, None),
    "sources": _Check(lambda value: value is None or _are_texts(value), _LIST, None),
    "success_statuses": _Check(_is_rule, "a list of status codes", ["200-299"]),
    "retry_policy": _Check(
        _is_policy, "a retry policy", {"kind": "schedule", "delays_seconds": [60]}
    ),
}
COLUMNS = tuple(_CHECKS)
DEFAULTS: Mapping[str, Any] = {name: check.default for name, check in _CHECKS.items()}


def damaged(columns: Mapping[str, Any]) -> dict[str, str]:
    """{column: what it must be} of the columns that cannot be read. Documents may be JSON text."""
    wrong = {}
    for name, check in _CHECKS.items():
        try:
            is_valid = check.is_valid(_document(columns[name]))
        except (ValueError, TypeError, KeyError):
            is_valid = False
        if not is_valid:
            wrong[name] = check.expected
    return wrong


def explain(wrong: Mapping[str, str]) -> str:
    return "; ".join(f"{name} is not {expected}" for name, expected in wrong.items())


def check(columns: Mapping[str, Any]) -> None:
    """DamagedSettings."""
    wrong = damaged(columns)
    if wrong:
        raise DamagedSettings(explain(wrong))


def _document(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value
