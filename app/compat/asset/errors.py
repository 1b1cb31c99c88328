"""The errors of the asset dialect."""

from app.http.errors import HttpError
from app.http.messages import Response

NO_SUCH_PATH = "The requested resource was not found on this server."


def render(error: HttpError) -> Response:
    """`{"detail"}`, or `{field: [messages]}` with 400. An unknown path and an unknown organization
    get the same text, so that they do not reveal which organizations exist."""
    if error.code in ("no_such_path", "organization"):
        return Response(404, NO_SUCH_PATH, content_type="text/plain; charset=utf-8")
    if error.code == "unauthorized":
        return Response(401, {"detail": "Invalid token."})
    if error.code == "not_found":
        return Response(404, {"detail": "Not found."})
    if error.code != "invalid":
        return Response(error.status, {"detail": error.detail})
    messages: dict[str, list[str]] = {}
    for each in error.errors:
        messages.setdefault(each.field, []).append(f"{each.problem} {each.remedy}".strip())
    return Response(400, messages)
