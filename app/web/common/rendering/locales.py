"""The reader's locale: visitors of a portal come from anywhere, and have no settings here."""

from collections.abc import Callable
from typing import Any

from flask import has_request_context, request

from app.domain.common.locales import HOUSE, Locale, of_header
from app.web.portal.session import organization_inside


def reader_locale() -> Locale:
    """HOUSE outside of portals."""
    if not has_request_context() or organization_inside() is None:
        return HOUSE
    return of_header(request.headers.get("Accept-Language", ""))


def localized(write: Callable[..., str]) -> Callable[..., str]:
    """Write numbers in the reader's locale. write: returns text with numbers as HOUSE has them."""

    def written(*values: Any, **options: Any) -> str:
        return reader_locale().numbers_in(write(*values, **options))

    return written
