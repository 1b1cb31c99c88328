"""Who changed what in an organization."""

import os
from typing import Any, BinaryIO, TypedDict, Unpack

from callboard.files import completed
from callboard.models import AuditEntry
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text


class AuditFilter(TypedDict, total=False):
    """actor, object: an id, or text in the name. action: such as `webhook.update`; a prefix if it
    ends with a dot. since, until: when it was done."""

    actor: str | None
    action: str | None
    object: str | None
    since: Time | None
    until: Time | None


class AuditLog(Resource):
    """Needs a key with the scope `audit:read`, or a platform key."""

    def list(self, **filters: Unpack[AuditFilter]) -> Pages[AuditEntry]:
        """Newest first."""
        return Pages(self._transport, "/audit-log", _query(filters))

    def export(
        self, target: str | os.PathLike[str] | BinaryIO, **filters: Unpack[AuditFilter]
    ) -> int:
        """Write all entries that match as lines of JSON; their size in bytes. They are never in
        memory as a whole, and the export is recorded itself.

        target: as of `jobs.download`. RateLimited: an export of the organization is running.
        Unreachable: it broke off.
        """
        path, query = "/audit-log.ndjson", _query(filters)
        if not isinstance(target, str | os.PathLike):
            return self._transport.download(path, target.write, **query)
        with completed(target) as file:
            return self._transport.download(path, file.write, **query)


def _query(filters: AuditFilter) -> dict[str, Any]:
    query: dict[str, Any] = dict(filters)
    for name in ("since", "until"):
        if query.get(name) is not None:
            query[name] = time_text(query[name])
    return query
