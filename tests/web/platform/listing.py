"""The list of organizations, as a platform owner sees it."""

import re
from html import unescape
from typing import Any


def names(page: str) -> list[str]:
    links = re.findall(
        r'class="row-link clip"\s+href="/platform/organizations/[^"]+">([^<]+)', page
    )
    return [unescape(name) for name in links]


def url_of(organization: Any) -> str:
    return f"/platform/organizations/{organization.id}"
