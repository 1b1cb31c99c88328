"""The errors of the Svix dialect."""

from app.http.errors import HttpError
from app.http.messages import Response

# Ours, where Svix has another word.
_CODES = {
    "unauthorized": "authentication_failed",
    "no_such_path": "not_found",
    "malformed": "invalid_body",
}
# Fields of the native API that an error may name, as Svix calls them.
_FIELDS = {
    "event_types": "eventTypes",
    "sources": "channels",
    "source": "channels",
    "type": "eventType",
    "rate_limit_per_second": "throttleRate",
    "id": "eventId",
    "secret_headers": "headers",
    "schema": "schemas",
    "sample": "schemas",
    "expires_in": "expiry",
}


def not_supported(sentence: str) -> HttpError:
    """What Svix has and Callboard has not."""
    return HttpError(501, "not_implemented", "Not implemented", sentence)


def render(error: HttpError) -> Response:
    """`{"code", "detail"}`; invalid fields are `{"detail": [{"loc", "msg", "type"}]}` with 422."""
    if error.code != "invalid":
        code = _CODES.get(error.code, error.code)
        return Response(error.status, {"code": code, "detail": error.detail})
    detail = [
        {"loc": _location(e.field), "msg": f"{e.problem} {e.remedy}".strip(), "type": e.code}
        for e in error.errors
    ]
    return Response(422, {"detail": detail})


def _location(field: str) -> list[str]:
    if not field:
        return ["body"]
    if field.startswith("query."):
        return field.split(".", 1)
    name, dot, rest = field.partition(".")
    stem, bracket, index = name.partition("[")
    return ["body", _FIELDS.get(stem, stem) + bracket + index, *([rest] if dot else [])]
