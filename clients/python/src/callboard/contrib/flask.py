"""Callbacks in Flask.

@app.post("/hook")
def hook():
    callback = verified_callback("whsec_...")
    ...
    return "", 204
"""

from collections.abc import Sequence

from flask import Response, abort, make_response, request

from callboard.errors import VerificationError
from callboard.verification import TOLERANCE_SECONDS, WITHOUT_BODY, Scheme, Verified, verify


def verified_callback(
    secret: str | Sequence[str],
    *,
    tolerance: float | None = TOLERANCE_SECONDS,
    scheme: Scheme = "standard",
    header: str | None = None,
) -> Verified:
    """The current request's callback. Ends the request with 401 if it cannot be trusted."""
    has_body = request.method not in WITHOUT_BODY
    content = request.get_data() if has_body else request.query_string
    try:
        return verify(
            request.headers.items(),
            content,
            secret,
            tolerance=tolerance,
            scheme=scheme,
            header=header,
        )
    except VerificationError as error:
        abort(_refusal(str(error)))


def _refusal(reason: str) -> Response:
    response = make_response({"error": reason})
    response.status_code = 401
    return response
