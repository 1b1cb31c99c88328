"""What became of each event for each webhook."""

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack, cast

from callboard.models import AffectedDeliveries, Delivery, DeliveryState, ListedDelivery
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text
from callboard.transport import path_of


class DeliveryFilter(TypedDict, total=False):
    """Which deliveries. status_code: of the last response, such as 503 or "5xx". cause: the failure
    reason. since, until: when they were created. q: an id, or text in the payload. value: an id in
    the payload of the newest events that have it, such as an asset's; whole, in any case."""

    state: DeliveryState | Sequence[DeliveryState] | None
    webhook_id: str | None
    event_id: str | None
    event_type: str | None
    source: str | None
    status_code: int | str | None
    cause: str | None
    since: Time | None
    until: Time | None
    q: str | None
    value: str | None


class Deliveries(Resource):
    def list(self, **filters: Unpack[DeliveryFilter]) -> Pages[ListedDelivery]:
        """Newest first."""
        return Pages(self._transport, "/deliveries", filter_document(filters))

    def get(self, delivery_id: str) -> Delivery:
        """With all its attempts."""
        return cast("Delivery", self._transport.get(path_of("deliveries", delivery_id)))

    def resend(self, delivery_id: str) -> Delivery:
        """Send it again: the receiver sees the same `webhook-id`."""
        path = path_of("deliveries", delivery_id, "resend")
        return cast("Delivery", self._transport.request("POST", path))

    def cancel(self, delivery_id: str) -> Delivery:
        """Stop what has not been sent yet. Conflict: it has ended."""
        path = path_of("deliveries", delivery_id, "cancel")
        return cast("Delivery", self._transport.request("POST", path))

    def resend_all(
        self, *, dry_run: bool = False, **filters: Unpack[DeliveryFilter]
    ) -> AffectedDeliveries:
        """Resend all that match at least one filter; without `state` those that failed, were
        cancelled or skipped. dry_run: only count."""
        return self._act("/deliveries/resend", filters, dry_run)

    def cancel_all(
        self, *, dry_run: bool = False, **filters: Unpack[DeliveryFilter]
    ) -> AffectedDeliveries:
        """Cancel all that match at least one filter and have not ended."""
        return self._act("/deliveries/cancel", filters, dry_run)

    def _act(self, path: str, filters: DeliveryFilter, dry_run: bool) -> AffectedDeliveries:
        document = filter_document(filters) | {"dry_run": dry_run}
        # Counting changes nothing, so that it may be repeated.
        response = self._transport.request("POST", path, document, repeatable=dry_run)
        return cast("AffectedDeliveries", response)


def filter_document(filters: DeliveryFilter) -> dict[str, Any]:
    """As the API takes them."""
    document: dict[str, Any] = {k: v for k, v in filters.items() if v is not None}
    state = document.get("state")
    if state is not None and not isinstance(state, str):
        document["state"] = list(state)
    for name in ("since", "until"):
        if name in document:
            document[name] = time_text(document[name])
    return document
