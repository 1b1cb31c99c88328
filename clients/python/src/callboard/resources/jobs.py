"""Bulk work that the server's workers go on with by themselves."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, TypedDict, Unpack, cast

from callboard.files import completed
from callboard.models import Job, ListedJob
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.resources.deliveries import DeliveryFilter, filter_document
from callboard.times import Time, time_text
from callboard.transport import path_of


class EventFilter(TypedDict, total=False):
    """q: an id, or text in the payload. value: an id in the payload, whole, in any case."""

    event_type: str | None
    source: str | None
    since: Time | None
    until: Time | None
    q: str | None
    value: str | None


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
        """Write deliveries that match into a file. kind: `ndjson` or `csv`. Download it when the
        job is completed, within a day."""
        return self._start({"kind": f"export_{kind}"} | filter_document(filters))

    def export_events(self, kind: str = "ndjson", **filters: Unpack[EventFilter]) -> Job:
        """The same for events, with their payloads."""
        document: dict[str, Any] = {k: v for k, v in filters.items() if v is not None}
        times = {k: time_text(document[k]) for k in ("since", "until") if k in document}
        return self._start({"kind": f"export_events_{kind}"} | document | times)

    def import_items(
        self,
        items: Sequence[Mapping[str, Any]],
        *,
        replace_existing: bool = False,
        paused: bool = True,
    ) -> Job:
        """Create up to 10,000 webhooks and event types. items: each `{"webhook": {...}}` or
        `{"event_type": {...}}` with the fields of a request that creates one. replace_existing:
        change what has the same name or uid instead of skipping it. paused: the webhooks wait."""
        document = {
            "items": list(items),
            "replace_existing": replace_existing,
            "paused": paused,
        }
        return cast("Job", self._transport.request("POST", "/imports", document))

    def download(self, job_id: str, target: str | os.PathLike[str] | BinaryIO) -> int:
        """The file of an export that is completed; its size in bytes. It is never in memory as a
        whole.

        target: a path, where the file appears once it is complete, or an object with `write` for
        bytes, which may have a part of it after an error. Conflict: there is no file (yet, or any
        more). Unreachable: the download broke off.
        """
        path = path_of("jobs", job_id, "file")
        if not isinstance(target, str | os.PathLike):
            return self._transport.download(path, target.write)
        with completed(target) as file:
            return self._transport.download(path, file.write)

    def stop(self, job_id: str) -> Job:
        """What it has queued is still sent. Conflict: it has ended."""
        path = path_of("jobs", job_id, "stop")
        return cast("Job", self._transport.request("POST", path))

    def _start(self, document: dict[str, Any]) -> Job:
        return cast("Job", self._transport.request("POST", "/jobs", document))
