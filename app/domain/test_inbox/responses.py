"""Test inboxes: their URLs and the responses that they give."""

import math
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from app.domain.accounts.fields import check_name
from app.domain.addresses.own_urls import OwnUrls, own_urls
from app.domain.common.errors import FieldError, Invalid

PATH = "/catch/"
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
# A delayed response occupies one of the web process's few connections.
MAX_DELAY_SECONDS = 10
LOWEST_STATUS, HIGHEST_STATUS = 200, 599
# Used for the failure rate.
FAILURE_STATUS = 503
DEFAULTS: Mapping[str, object] = {
    "name": "Test inbox",
    "status": 200,
    "delay_seconds": 0,
    "failure_percent": 0,
}


@dataclass(frozen=True, slots=True)
class ResponseSettings:
    """How a test inbox responds. status: 200 to 599. delay_ms: before the response.
    failure_percent: the share of requests that get FAILURE_STATUS instead."""

    name: str
    status: int
    delay_ms: int
    failure_percent: int


@dataclass(frozen=True, slots=True)
class Reply:
    """why: `status`: the configured one; `failure`: by the failure rate; `busy`: too many delayed
    responses; `rate`: too many requests."""

    status: int
    why: str
    delay_seconds: float = 0


def new_token() -> str:
    """Return the secret part of an inbox's URL: 192 random bits."""
    return secrets.token_urlsafe(24)


def inbox_url(public_url: str, token: str) -> str:
    return f"{public_url.rstrip('/')}{PATH}{token}"


def inbox_exemption(public_url: str) -> OwnUrls:
    """A test for URLs of this installation's inboxes: see `own_urls`."""
    return own_urls(public_url, PATH, TOKEN.pattern)


def check_response_settings(fields: Mapping[str, object]) -> ResponseSettings:
    """fields: name, status, delay_seconds (to a thousandth), failure_percent; absent ones get their
    defaults. Raises Invalid with every error."""
    values_by_name = {name: value for name, value in fields.items() if value is not None}
    values = {**DEFAULTS, **values_by_name}
    errors: list[FieldError] = []
    name = _name(values["name"], errors)
    status = _number(values, "status", LOWEST_STATUS, HIGHEST_STATUS, errors, whole=True)
    delay = _number(values, "delay_seconds", 0, MAX_DELAY_SECONDS, errors)
    percent = _number(values, "failure_percent", 0, 100, errors, whole=True)
    if errors:
        raise Invalid(errors)
    return ResponseSettings(name, int(status), round(delay * 1000), int(percent))


def _name(value: object, errors: list[FieldError]) -> str:
    try:
        return check_name(value)
    except Invalid as error:
        errors.extend(error.errors)
        return ""


def _number(
    values: Mapping[str, object],
    field: str,
    low: int,
    high: int,
    errors: list[FieldError],
    *,
    whole: bool = False,
) -> float:
    value, kind = values[field], "whole number" if whole else "number"
    remedy = f"Use a {kind} from {low} to {high}."
    if not _is_number(value, whole=whole):
        errors.append(FieldError(field, "type", f"Not a {kind}.", remedy))
    elif not low <= value <= high:
        errors.append(FieldError(field, "range", f"{value} is out of range.", remedy))
    else:
        return value
    return 0


def _is_number(value: object, *, whole: bool) -> TypeGuard[float]:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return False
    return not whole or value == int(value)


def reply_of(settings: ResponseSettings, draw: float) -> Reply:
    """draw: a random number in [0, 1)."""
    delay = settings.delay_ms / 1000
    if draw * 100 < settings.failure_percent:
        return Reply(FAILURE_STATUS, "failure", delay)
    return Reply(settings.status, "status", delay)
