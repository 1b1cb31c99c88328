"""The figures of the overview, and issues."""

from typing import Any, cast

from callboard.models import Issue, Statistics
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text


class Figures(Resource):
    def get(self, *, range: str | None = None, webhook_id: str | None = None) -> Statistics:  # noqa: A002
        """range: the time until now, such as `24h` (the default) or `7d`. webhook_id: only this
        webhook."""
        query = {"range": range, "webhook_id": webhook_id}
        return cast("Statistics", self._transport.request("GET", "/statistics", query=query))


class Issues(Resource):
    """Failed deliveries by webhook and failure reason."""

    def list(self) -> Pages[Issue]:
        """Latest first; of the newest failed deliveries, if there are very many."""
        return Pages(self._transport, "/issues", is_paged=False)

    def acknowledge(
        self,
        webhook_id: str,
        cause: str,
        *,
        status_code: int | None = None,
        note: str = "",
        lasts: str | None = None,
        until: Time | None = None,
        owner_id: str | None = None,
    ) -> None:
        """As a listed issue has them. lasts: `failure` (the default): its next failure reopens it;
        `resolved`: until deliveries succeed again; `time`: until `until`. owner_id: a member who
        takes care of it."""
        more = {"note": note or None, "lasts": lasts, "owner_id": owner_id}
        more["until"] = None if until is None else time_text(until)
        document = _key(webhook_id, cause, status_code)
        document |= {name: value for name, value in more.items() if value is not None}
        self._transport.request("POST", "/issues/acknowledge", document)

    def reopen(self, webhook_id: str, cause: str, *, status_code: int | None = None) -> None:
        document = _key(webhook_id, cause, status_code)
        self._transport.request("POST", "/issues/reopen", document)


def _key(webhook_id: str, cause: str, status_code: int | None) -> dict[str, Any]:
    document: dict[str, Any] = {"webhook_id": webhook_id, "cause": cause}
    return document | ({"status_code": status_code} if status_code is not None else {})
