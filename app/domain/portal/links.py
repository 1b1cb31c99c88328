"""What a portal link may say: for whom, for how long, as what, in which colours and frames."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.domain.accounts.fields import check_choice, check_name
from app.domain.accounts.permissions import ROLES, SCOPES
from app.domain.addresses.urls import check_url
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.numbers import whole_number
from app.domain.portal.colors import check_color

# Those of people whose permissions no key would lack.
PORTAL_ROLES = tuple(role for role, may in ROLES.items() if may <= set(SCOPES))
SHORTEST_SECONDS, LONGEST_SECONDS, USUAL_SECONDS = 60, 7 * 86_400, 3600
MOST_ORIGINS = 8
LONGEST_ORIGIN = 200
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """expires_in: seconds. visitor: as the audit log calls who comes in. brand_name: None is the
    organization's own. brand_color: `#rrggbb`. allowed_origins: whose pages may show the portal in
    a frame, such as `https://app.example.com`."""

    expires_in: int
    role: str
    visitor: str | None
    brand_name: str | None
    brand_color: str | None
    allowed_origins: tuple[str, ...]


def check_terms(given: Mapping[str, object]) -> Terms:
    """given: the fields of Terms; what is absent or null has its default. Invalid with all that is
    wrong."""
    remedy = f"Known are: {', '.join(CHECKS)}."
    errors = [
        FieldError(name[:60], "unknown", "There is no such field.", remedy)
        for name in given
        if name not in CHECKS
    ]
    values: dict[str, Any] = {}
    for name, check in CHECKS.items():
        try:
            values[name] = check(given.get(name), name)
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    return Terms(**values)


def _role(value: object, field: str) -> str:
    return "member" if value is None else check_choice(value, PORTAL_ROLES, field)


def _name(value: object, field: str) -> str | None:
    return None if value is None else check_name(value, field, longest=LONGEST_NAME)


def _origins(value: object, field: str) -> tuple[str, ...]:
    remedy = f"Give a list of at most {MOST_ORIGINS} origins such as https://app.example.com."
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise invalid(field, "type", "It is not a list.", remedy)
    if len(value) > MOST_ORIGINS:
        raise invalid(field, "length", f"It has {len(value)} entries.", remedy)
    found, errors = [], []
    for place, each in enumerate(value):
        try:
            found.append(check_origin(each, f"{field}[{place}]"))
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    return tuple(dict.fromkeys(found))


def check_origin(value: object, field: str) -> str:
    """Scheme, host and port, fit to stand in a Content-Security-Policy. Invalid."""
    checked = check_url(value, field)
    parts = urlsplit(str(value))
    remedy = "Give scheme, host and port alone, such as https://app.example.com."
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in str(value):
        raise invalid(field, "origin", "There is more than an origin.", remedy)
    if ":" in checked.host:
        raise invalid(field, "origin", "A policy for frames cannot name an IPv6 address.", remedy)
    if len(checked.origin) > LONGEST_ORIGIN:
        raise invalid(field, "length", f"It has {len(checked.origin)} characters.", remedy)
    return checked.origin


CHECKS: Mapping[str, Callable[[object, str], object]] = {
    "expires_in": whole_number(SHORTEST_SECONDS, LONGEST_SECONDS, USUAL_SECONDS),
    "role": _role,
    "visitor": _name,
    "brand_name": _name,
    "brand_color": check_color,
    "allowed_origins": _origins,
}
