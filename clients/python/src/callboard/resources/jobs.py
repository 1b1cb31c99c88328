"""Bulk work that the server's workers go on with by themselves."""

from typing import Any, Unpack, cast

from callboard.models import Job, ListedJob
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.resources.deliveries import DeliveryFilter, filter_document
from callboard.times import Time, time_text
from callboard.transport import path_of


class Jobs(Resource):
    def list(self) -> Pages[ListedJob]:
        """Newest first."""
        return Pages(self._transport, "/jobs")

    def get(self, job_id: str) -> Job:
        """With what has become of its deliveries."""
        return cast("Job", self._transport.get(path_of("jobs", job_id)))

    def resend(self, **filters: Unpack[DeliveryFilter]) -> Job:
        """Resend any number of deliveries that match at least one filter; without `state` those
        that failed, were cancelled or skipped. Conflict: too many jobs are open."""
        return self._start({"kind": "resend"} | filter_document(filters))

    def cancel(self, **filters: Unpack[DeliveryFilter]) -> Job:
        """Cancel any number of deliveries that match at least one filter and have not ended."""
        return self._start({"kind": "cancel"} | filter_document(filters))

    def send_missed(self, webhook_id: str, since: Time) -> Job:
        """Send the events since a time that match the webhook and have no delivery for it."""
        fields = {"webhook_id": webhook_id, "since": time_text(since)}
        return self._start({"kind": "send_missed"} | fields)

    def export(self, kind: str = "ndjson", **filters: Unpack[DeliveryFilter]) -> Job:
        """Write deliveries that match into a file. kind: `ndjson` or `csv`. Download it from
        `/api/v1/jobs/<id>/file` when the job is done, within a day."""
        return self._start({"kind": f"export_{kind}"} | filter_document(filters))

    def stop(self, job_id: str) -> Job:
        """What it has queued is still sent. Conflict: it has ended."""
        path = path_of("jobs", job_id, "stop")
        return cast("Job", self._transport.request("POST", path))

    def _start(self, document: dict[str, Any]) -> Job:
        return cast("Job", self._transport.request("POST", "/jobs", document))
