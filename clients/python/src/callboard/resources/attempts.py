"""Each HTTP request of a delivery."""

from typing import Any, Literal, TypedDict, Unpack, cast

from callboard.models import Attempt, ListedAttempt
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text
from callboard.transport import path_of


class AttemptFilter(TypedDict, total=False):
    """Which attempts. status_code: of the response, such as 503 or "5xx". cause: the failure
    reason. since, until: when they started."""

    webhook_id: str | None
    event_id: str | None
    delivery_id: str | None
    event_type: str | None
    source: str | None
    outcome: Literal["succeeded", "failed"] | None
    status_code: int | str | None
    cause: str | None
    since: Time | None
    until: Time | None


class Attempts(Resource):
    def list(self, **filters: Unpack[AttemptFilter]) -> Pages[ListedAttempt]:
        """Those of the newest delivery first, of each its last one first; without headers and
        bodies."""
        query: dict[str, Any] = dict(filters)
        for name in ("since", "until"):
            query[name] = time_text(query.get(name))
        return Pages(self._transport, "/attempts", query)

    def get(self, delivery_id: str, number: int) -> Attempt:
        """With its request and response."""
        path = path_of("deliveries", delivery_id, "attempts", str(number))
        return cast("Attempt", self._transport.get(path))
