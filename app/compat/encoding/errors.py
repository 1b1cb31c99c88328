"""The errors of the encoding dialect."""

from collections.abc import Iterable

from app.domain.common.errors import FieldError
from app.http.errors import HttpError
from app.http.messages import Response

# The original reports an invalid URL before an invalid name, and that before missing events.
_ORDER = ("url", "name", "event", "event_types")
_MESSAGES = {
    "url": "Invalid URL.",
    "name": "Name must be less than 100 characters.",
    "event": "Event must be selected.",
    "event_types": "Event must be selected.",
    "limit": "Limit only allowed values 1-100.",
}


def render(error: HttpError) -> Response:
    """`{"status": "fail" or "error", "message": ...}`. The original has neither 415 nor 422: an
    unreadable and an invalid body are both bad requests."""
    status = 400 if error.status in (415, 422) else error.status
    document = {"status": "fail" if status < 500 else "error", "message": error.detail}
    if error.code == "invalid":
        document["message"], document["detail"] = _message(error.errors)
    elif error.code in ("malformed", "content_type"):
        document |= {"message": "Invalid request payload.", "detail": error.detail}
    elif error.code == "not_found":
        document["message"] = "Webhook not found."
    return Response(status, document)


def _message(errors: Iterable[FieldError]) -> tuple[str, str]:
    """The original's sentence for the first error, and all errors in ours."""
    ranked = sorted(errors, key=lambda e: _ORDER.index(e.field) if e.field in _ORDER else 9)
    first, detail = ranked[0], " ".join(f"{e.problem} {e.remedy}".strip() for e in ranked)
    message = _MESSAGES.get(first.field)
    if message is None:
        message = first.problem if first.code == "choice" else f"{first.field}: {first.problem}"
    return message, detail
