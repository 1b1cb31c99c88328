"""Callbacks in Django.

@verified_callback("whsec_...")
def hook(request):
    request.callback.json()
    ...
    return HttpResponse(status=204)
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from callboard.errors import VerificationError
from callboard.verification import TOLERANCE_SECONDS, WITHOUT_BODY, Scheme, verify

View = Callable[..., HttpResponse]


def verified_callback(
    secret: str | Sequence[str],
    *,
    tolerance: float | None = TOLERANCE_SECONDS,
    scheme: Scheme = "standard",
    header: str | None = None,
) -> Callable[[View], View]:
    """Call the view only for trusted callbacks, with `request.callback` set; respond with 401
    otherwise. The view is exempt from CSRF checks: the signature replaces them."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            has_body = request.method not in WITHOUT_BODY
            # WSGI hands bytes over as Latin-1.
            query = request.META.get("QUERY_STRING", "").encode("latin-1")
            content = request.body if has_body else query
            try:
                callback = verify(
                    request.headers,
                    content,
                    secret,
                    tolerance=tolerance,
                    scheme=scheme,
                    header=header,
                )
            except VerificationError as error:
                return JsonResponse({"error": str(error)}, status=401)
            request.callback = callback
            return view(request, *args, **kwargs)

        exempt: View = csrf_exempt(checked)
        return exempt

    return decorate
