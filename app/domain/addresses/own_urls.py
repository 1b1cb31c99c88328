"""Recognize URLs of this installation that the address guard lets through."""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from app.domain.addresses.urls import CheckedUrl, check_url
from app.domain.common.errors import Invalid

OwnUrls = Callable[[str], bool]


def own_urls(public_url: str, path: str, last: str) -> OwnUrls:
    """Return a test for URLs below `path` whose last segment matches the expression `last`. They
    may be called although they are on a private address.

    The match is exact: scheme, host and port of PUBLIC_URL, and the path only, without dots or
    percent signs. A query may follow. An invalid PUBLIC_URL exempts nothing.
    """
    public = _read(public_url)
    if public is None:
        return lambda _: False
    base = urlsplit(public.url).path.rstrip("/")
    rule = re.compile(re.escape(base + path) + last)

    @lru_cache(maxsize=1024)
    def is_own(url: str) -> bool:
        checked = _read(url)
        if checked is None or checked.origin != public.origin:
            return False
        return rule.fullmatch(urlsplit(checked.url).path) is not None

    return is_own


def _read(url: str) -> CheckedUrl | None:
    try:
        return check_url(url)
    except Invalid:
        return None
