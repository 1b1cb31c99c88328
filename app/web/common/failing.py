"""Which webhooks fail by their rate: read once for a page and the frame around it."""

from flask import request

from app.queries.statistics import failing
from app.queries.statistics.failing import ByRate

_READ = "callboard.failing_by_rate"


def failing_by_rate(organization_id: str) -> ByRate:
    read = failing.by_rate(organization_id)
    request.environ[_READ] = (organization_id, read)
    return read


def known_by_rate(organization_id: str) -> ByRate | None:
    """What this request has read already."""
    owner, read = request.environ.get(_READ, ("", None))
    return read if owner == organization_id else None
