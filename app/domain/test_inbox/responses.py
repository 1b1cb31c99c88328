"""The catcher: where its URLs are, what it may be told to answer, and what it answers."""

import math
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard
from urllib.parse import urlsplit

from app.domain.accounts.fields import check_name
from app.domain.addresses.urls import CheckedUrl, check_url
from app.domain.common.errors import FieldError, Invalid

PATH = "/catch/"
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
# A connection to the product itself waits meanwhile, and they are few.
LONGEST_DELAY_SECONDS = 10
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
# What a receiver in trouble answers most often.
FAILURE_STATUS = 503
DEFAULTS: Mapping[str, object] = {
    "name": "Catcher",
    "status": 200,
    "delay_seconds": 0,
    "failure_percent": 0,
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a catcher answers. status: 200 to 599. delay_ms: before it answers. failure_percent: of
    so many requests in a hundred it answers FAILURE_STATUS instead."""

    name: str
    status: int
    delay_ms: int
    failure_percent: int


@dataclass(frozen=True, slots=True)
class Reply:
    """why: `status`, as it was told; `failure`, by its failure rate; `busy`, because too many were
    being delayed; `rate`, because too many came."""

    status: int
    why: str
    delay_seconds: float = 0


def new_token() -> str:
    """What stands in a catcher's URL: 192 random bits."""
    return secrets.token_urlsafe(24)


def inbox_url(public_url: str, token: str) -> str:
    return f"{public_url.rstrip('/')}{PATH}{token}"


def inbox_exemption(public_url: str) -> Callable[[str], bool]:
    """Says of a URL whether it is that of a catcher of this installation: the one place inside
    that may be called wherever it is. For `sending.guard.Guard(networks, exempt=...)`.

    Exact: scheme, host and port are PUBLIC_URL's own, and the path is PATH and a token, with
    nothing before, after or between them, dots and percent signs among the rest. A query may
    follow. A PUBLIC_URL that could not be called exempts nothing.
    """
    own = _read(public_url)
    if own is None:
        return lambda _: False
    base = urlsplit(own.url).path.rstrip("/")
    rule = re.compile(re.escape(base + PATH) + TOKEN.pattern)

    @lru_cache(maxsize=1024)
    def exempt(url: str) -> bool:
        found = _read(url)
        if found is None or found.origin != own.origin:
            return False
        return rule.fullmatch(urlsplit(found.url).path) is not None

    return exempt


def _read(url: str) -> CheckedUrl | None:
    try:
        return check_url(url)
    except Invalid:
        return None


def check_manner(given: Mapping[str, object]) -> Manner:
    """given: name, status, delay_seconds (to a thousandth), failure_percent; what is absent has
    its default. Invalid with all that is wrong."""
    wanted = {**DEFAULTS, **{name: value for name, value in given.items() if value is not None}}
    errors: list[FieldError] = []
    name = _name(wanted["name"], errors)
    status = _number(wanted, "status", LOWEST_STATUS, HIGHEST_STATUS, errors, whole=True)
    delay = _number(wanted, "delay_seconds", 0, LONGEST_DELAY_SECONDS, errors)
    percent = _number(wanted, "failure_percent", 0, 100, errors, whole=True)
    if errors:
        raise Invalid(errors)
    return Manner(name, int(status), round(delay * 1000), int(percent))


def _name(value: object, errors: list[FieldError]) -> str:
    try:
        return check_name(value)
    except Invalid as error:
        errors.extend(error.errors)
        return ""


def _number(
    given: Mapping[str, object],
    field: str,
    low: int,
    high: int,
    errors: list[FieldError],
    *,
    whole: bool = False,
) -> float:
    value, kind = given[field], "whole number" if whole else "number"
    remedy = f"Give a {kind} from {low} to {high}."
    if not _is_number(value, whole=whole):
        errors.append(FieldError(field, "type", f"It is no {kind}.", remedy))
    elif not low <= value <= high:
        errors.append(FieldError(field, "range", f"{value} is out of range.", remedy))
    else:
        return value
    return 0


def _is_number(value: object, *, whole: bool) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return False
    return not whole or value == int(value)


def reply_of(manner: Manner, draw: float) -> Reply:
    """draw: a random number from 0 up to, and without, 1."""
    delay = manner.delay_ms / 1000
    if draw * 100 < manner.failure_percent:
        return Reply(FAILURE_STATUS, "failure", delay)
    return Reply(manner.status, "status", delay)
