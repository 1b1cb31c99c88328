"""The errors of the render dialect."""

from http import HTTPStatus

from app.compat.common.views import Document
from app.domain.common.json_text import compact_json
from app.http.errors import HttpError
from app.http.messages import Response


def render(error: HttpError) -> Response:
    """`{"success": false, "message", "response"}`; an invalid body is 400."""
    status = 400 if error.status == 422 else error.status
    response: Document = {"message": error.detail}
    if error.code == "invalid":
        details = [
            {"message": f"{e.problem} {e.remedy}", "path": e.field.split("."), "type": e.code}
            for e in error.errors
        ]
        response["error"] = {"name": "ValidationError", "details": details}
    phrase = HTTPStatus(status).phrase
    return Response(
        status, compact_json({"success": False, "message": phrase, "response": response})
    )
