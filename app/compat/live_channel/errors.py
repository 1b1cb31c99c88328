"""The errors of the live channel dialect."""

from app.domain.common.errors import FieldError
from app.http.errors import HttpError
from app.http.messages import Response


def render(error: HttpError) -> Response:
    """`{"ec": <status>, "msg": ...}`. The original has no 415: such a body is a bad request."""
    status = 400 if error.status == 415 else error.status
    message = error.detail
    if error.code == "invalid":
        message = " ".join(map(_sentence, error.errors))
    elif error.code == "not_found":
        message = "Webhook not found."
    return Response(status, {"ec": status, "msg": message})


def _sentence(error: FieldError) -> str:
    field = error.field
    if field == "url":
        field = "uri"
    elif field.startswith("event_types"):
        field = "event"
    return f"{field}: {error.problem} {error.remedy}"
