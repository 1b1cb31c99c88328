"""What lists of all dialects have in common."""

from flask import Request

from app.domain.common.errors import invalid
from app.models import Webhook
from app.queries import webhooks
from app.queries.webhooks import Outline
from app.runtime.context import runtime


def cut(organization_id: str, found: list[Outline], offset: int, limit: int) -> list[Webhook]:
    """The webhooks behind a stretch of `found`."""
    ids = [outline.id for outline in found[offset : offset + limit]]
    return webhooks.of_ids(organization_id, ids) if ids else []


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """A parameter of the query; left out or empty it is the default. Invalid when out of range."""
    text = request.args.get(name, "")
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
    if number is None or not low <= number <= high:
        right = f"Give a whole number from {low} to {high}."
        raise invalid(name, "range", f"{text[:40]!r} is out of range.", right)
    return number


def base_url(request: Request) -> str:
    """Where the caller found us, without a slash at the end: PUBLIC_URL when it is the same host,
    since only that knows what a proxy before us speaks."""
    public = runtime().settings.public_url
    is_public = public.partition("://")[2].partition("/")[0].lower() == request.host.lower()
    return public if is_public else request.host_url.rstrip("/")
