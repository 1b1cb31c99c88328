"""The errors of the form callback dialect."""

from app.http.errors import HttpError
from app.http.messages import Response


def render(error: HttpError) -> Response:
    """`{field: [messages]}` for fields (`base`: no single field), else `{"error": ...}`."""
    if error.code != "invalid":
        message = "Not Found" if error.code == "not_found" else error.detail
        return Response(error.status, {"error": message})
    messages: dict[str, list[str]] = {}
    for each in error.errors:
        name = each.field.partition(".")[0].partition("[")[0] or "base"
        text = "can't be blank" if each.code == "required" else f"{each.problem} {each.remedy}"
        messages.setdefault(name, []).append(text)
    return Response(422, messages)
