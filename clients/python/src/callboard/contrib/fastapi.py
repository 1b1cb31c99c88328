"""Callbacks in FastAPI and Starlette.

verified = VerifiedCallback("whsec_...")

@app.post("/hook", status_code=204)
async def hook(callback: Annotated[Verified, Depends(verified)]) -> None: ...
"""

from collections.abc import Sequence

from fastapi import HTTPException, Request

from callboard.errors import VerificationError
from callboard.verification import TOLERANCE_SECONDS, WITHOUT_BODY, Scheme, Verified, verify


class VerifiedCallback:
    """A dependency whose value is the callback. 401 if it cannot be trusted."""

    def __init__(
        self,
        secret: str | Sequence[str],
        *,
        tolerance: float | None = TOLERANCE_SECONDS,
        scheme: Scheme = "standard",
        header: str | None = None,
    ) -> None:
        self._secret = secret
        self._tolerance = tolerance
        self._scheme: Scheme = scheme
        self._header = header

    async def __call__(self, request: Request) -> Verified:
        has_body = request.method not in WITHOUT_BODY
        content = await request.body() if has_body else request.scope["query_string"]
        try:
            return verify(
                request.headers.items(),
                content,
                self._secret,
                tolerance=self._tolerance,
                scheme=self._scheme,
                header=self._header,
            )
        except VerificationError as error:
            raise HTTPException(401, str(error)) from None
