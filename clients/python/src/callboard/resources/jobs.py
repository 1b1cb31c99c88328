"""Bulk work that the server's workers go on with by themselves."""

import os
from typing import Any, BinaryIO, Unpack, cast

from callboard.files import completed
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
        """Write deliveries that match into a file. kind: `ndjson` or `csv`. Download it when the
        job is completed, within a day."""
        return self._start({"kind": f"export_{kind}"} | filter_document(filters))

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
