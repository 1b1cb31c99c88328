"""Read an environment of Svix."""

from collections.abc import Iterator
from typing import Any

from callboard.errors import (
    ApiError,
    CallboardError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
)
from callboard.transport import Transport, path_of

DEFAULT_URL = "https://api.svix.com"
_REGIONS = frozenset({"us", "eu", "in", "ca", "au"})
_PAGE = 250
# An iterator that never ends must not end in an endless loop.
_MAX_PAGES = 4_000


def url_of(token: str) -> str:
    """Where Svix keeps the environment: its tokens end in a region, such as `.eu`."""
    region = token.rpartition(".")[2]
    return f"https://api.{region}.svix.com" if region in _REGIONS else DEFAULT_URL


class SvixApi:
    """CallboardError: Svix refuses the token, or responds in another shape. Unreachable."""

    def __init__(self, url: str, token: str) -> None:
        self._transport = Transport(url, token)

    def applications(self) -> Iterator[dict[str, Any]]:
        return self._list("app")

    def application(self, app_id: str) -> dict[str, Any]:
        try:
            return self._get("app", app_id)
        except NotFound:
            raise CallboardError(f"Svix has no application {app_id}.") from None

    def event_types(self) -> Iterator[dict[str, Any]]:
        return self._list("event-type", with_content=True, include_archived=False)

    def endpoints(self, app_id: str) -> Iterator[dict[str, Any]]:
        return self._list("app", app_id, "endpoint")

    def secret(self, app_id: str, endpoint_id: str) -> str:
        return str(self._get("app", app_id, "endpoint", endpoint_id, "secret")["key"])

    def headers(self, app_id: str, endpoint_id: str) -> tuple[dict[str, str], list[str]]:
        """Headers with their values, and the names of those whose values Svix shows to nobody."""
        document = self._get("app", app_id, "endpoint", endpoint_id, "headers")
        sensitive = document.get("sensitive") or []
        visible = {n: v for n, v in (document.get("headers") or {}).items() if n not in sensitive}
        return visible, list(sensitive)

    def has_transformation(self, app_id: str, endpoint_id: str) -> bool:
        try:
            document = self._get("app", app_id, "endpoint", endpoint_id, "transformation")
        except (Forbidden, MethodNotAllowed, NotFound):
            # Not part of every plan.
            return False
        except ApiError as error:
            if error.status == 501:
                return False
            raise
        return bool(document.get("enabled"))

    def _list(self, *segments: str, **query: Any) -> Iterator[dict[str, Any]]:
        iterator: str | None = None
        for _ in range(_MAX_PAGES):
            page = self._get(*segments, limit=_PAGE, iterator=iterator, **query)
            entries = page.get("data")
            if not isinstance(entries, list):
                raise CallboardError("The server did not respond as Svix does. Check --url.")
            yield from entries
            following = page.get("iterator")
            if page.get("done", True) or not following or following == iterator:
                return
            iterator = following

    def _get(self, *segments: str, **query: Any) -> dict[str, Any]:
        try:
            document = self._transport.get(path_of(*segments), **query)
        except Unauthorized:
            message = "Svix refused the token. Give one that may read, with --token or SVIX_TOKEN."
            raise CallboardError(message) from None
        if not isinstance(document, dict):
            raise CallboardError("The server did not respond as Svix does. Check --url.")
        return document
