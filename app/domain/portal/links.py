"""Options of a portal link: expiry, role, branding, allowed iframe origins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from app.domain.accounts.fields import check_choice, check_name
from app.domain.accounts.permissions import VISITOR_ROLES
from app.domain.addresses.urls import check_url
from app.domain.common.errors import FieldError, Invalid, check_all, invalid
from app.domain.common.numbers import whole_number
from app.domain.portal.colors import check_color

PORTAL_ROLES = tuple(VISITOR_ROLES)
MIN_SECONDS, MAX_SECONDS, DEFAULT_SECONDS = 60, 7 * 86_400, 3600
MAX_ORIGINS = 8
MAX_ORIGIN_LENGTH = 200
MAX_NAME_LENGTH = 60
MAX_LOGO_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Terms:
    """expires_in: seconds. visitor: the visitor's name in the audit log. brand_name: None means the
    organization's name. brand_color: `#rrggbb`. brand_logo: https URL of an image. allowed_origins:
    origins whose pages may embed the portal in an iframe, such as `https://app.example.com`."""

    expires_in: int
    role: str
    visitor: str | None
    brand_name: str | None
    brand_color: str | None
    brand_logo: str | None
    allowed_origins: tuple[str, ...]


def check_terms(fields: Mapping[str, object]) -> Terms:
    """Absent and null fields get their defaults. Raises Invalid with every error."""
    remedy = f"Known fields: {', '.join(CHECKS)}."
    errors = [
        FieldError(name[:60], "unknown", "Unknown field.", remedy)
        for name in fields
        if name not in CHECKS
    ]
    values: dict[str, Any] = {}
    for name, check in CHECKS.items():
        try:
            values[name] = check(fields.get(name), name)
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    return Terms(**values)


def _role(value: object, field: str) -> str:
    return "member" if value is None else check_choice(value, PORTAL_ROLES, field)


def _name(value: object, field: str) -> str | None:
    return None if value is None else check_name(value, field, longest=MAX_NAME_LENGTH)


def _logo(value: object, field: str) -> str | None:
    """An image that visitors' browsers fetch, from where the link says."""
    if value is None or value == "":
        return None
    checked = check_url(value, field)
    remedy = "Use the https URL of an image, such as https://example.com/logo.svg."
    if checked.scheme != "https" or ":" in checked.host:
        raise invalid(field, "url", "Not an https URL with a host name.", remedy)
    if len(checked.url) > MAX_LOGO_LENGTH:
        raise invalid(field, "length", f"It has {len(checked.url)} characters.", remedy)
    return checked.url


def _origins(value: object, field: str) -> tuple[str, ...]:
    remedy = f"List at most {MAX_ORIGINS} origins such as https://app.example.com."
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise invalid(field, "type", "Not a list.", remedy)
    if len(value) > MAX_ORIGINS:
        raise invalid(field, "length", f"It has {len(value)} entries.", remedy)
    entries = enumerate(value)
    checks = (partial(check_origin, entry, f"{field}[{index}]") for index, entry in entries)
    return tuple(dict.fromkeys(check_all(*checks)))


def check_origin(value: object, field: str) -> str:
    """Return scheme, host and port for a Content-Security-Policy. Raises Invalid."""
    checked = check_url(value, field)
    parts = urlsplit(str(value))
    remedy = "Use only scheme, host and port, such as https://app.example.com."
    if parts.path not in ("", "/") or parts.query or parts.fragment or "?" in str(value):
        raise invalid(field, "origin", "This is more than an origin.", remedy)
    if ":" in checked.host:
        raise invalid(field, "origin", "IPv6 addresses cannot be used as iframe origins.", remedy)
    if len(checked.origin) > MAX_ORIGIN_LENGTH:
        raise invalid(field, "length", f"It has {len(checked.origin)} characters.", remedy)
    return checked.origin


CHECKS: Mapping[str, Callable[[object, str], object]] = {
    "expires_in": whole_number(MIN_SECONDS, MAX_SECONDS, DEFAULT_SECONDS),
    "role": _role,
    "visitor": _name,
    "brand_name": _name,
    "brand_color": check_color,
    "brand_logo": _logo,
    "allowed_origins": _origins,
}
