"""What the lists of all dialects have in common."""

from collections.abc import Mapping, Sequence

from app.compat.common.views import Outline
from app.domain.common.errors import invalid
from app.http.messages import Request
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.runtime.context import runtime


def rows_of(
    organization_id: str, outlines: Sequence[Outline], offset: int, limit: int
) -> list[Webhook]:
    """The webhooks of one page of `outlines`."""
    ids = [outline.id for outline in outlines[offset : offset + limit]]
    return webhook_queries.of_ids(organization_id, ids) if ids else []


def whole_number(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A query parameter; missing or empty it is the default. Invalid when out of range."""
    text = query.get(name, "")
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if number is None or not low <= number <= high:
        remedy = f"Use a whole number from {low} to {high}."
        raise invalid(name, "range", f"{text[:40]!r} is out of range.", remedy)
    return number


def base_url(request: Request) -> str:
    """The URL by which the client reached us, without a slash at its end: PUBLIC_URL if it has the
    same host, because only PUBLIC_URL knows the scheme in front of a proxy."""
    public_url = runtime().settings.public_url
    is_public = public_url.partition("://")[2].partition("/")[0].lower() == request.host.lower()
    return public_url if is_public else f"{request.scheme}://{request.host}"
