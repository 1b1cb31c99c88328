"""The URL of a webhook that is being saved."""

from collections.abc import Mapping
from typing import Any

from app.domain.addresses.urls import CheckedUrl, check_url
from app.domain.common.errors import Invalid
from app.runtime.context import runtime
from app.sending.addresses.saving import check_saved_url


def with_parsed_url(fields: Mapping[str, Any]) -> dict[str, Any]:
    """An invalid URL is left as it is, to be reported together with the other errors."""
    try:
        return {**fields, "url": check_url(fields["url"])}
    except (KeyError, Invalid):
        return dict(fields)


def check_address(url: CheckedUrl) -> None:
    check_saved_url(url, runtime().guard, dns_servers=runtime().settings.dns_servers)
