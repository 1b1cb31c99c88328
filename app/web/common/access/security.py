"""Security headers of pages, and the refusal of forms that other sites send."""

from urllib.parse import urlsplit

from flask import Response, request

from app.domain.common.errors import Forbidden
from app.http.protection import headers_of_all
from app.runtime.context import runtime
from app.web.portal import visits

# Nothing inline: a payload or a response that ended up in a page could not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{};"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors "
)
NO_ORIGIN = "'none'"
HEADERS = {
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Pages hold tenants' data and secrets: no copy stays in a cache.
    "Cache-Control": "no-store",
}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Endpoints outside of blueprints are APIs: they use no cookies. `catch` takes any request.
OPEN_BLUEPRINTS = ("catch",)


def refuse_other_sites() -> None:
    """Before a page's form is handled: Forbidden if the browser says that another site sent it."""
    if request.method in SAFE_METHODS or request.blueprint in (None, *OPEN_BLUEPRINTS):
        return
    origin = request.headers.get("Origin")
    own = (request.host, urlsplit(runtime().settings.public_url).netloc)
    is_foreign = origin is not None and urlsplit(origin).netloc not in own
    if is_foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise Forbidden("Another site sent this form. Use the form on this site.")


def protect(response: Response) -> Response:
    """Set the headers that a response has not set itself. Only pages of a portal may be framed, by
    the origins that its link allows."""
    for name, value in headers_of_all(runtime().settings):
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        frames, logo = visits.frames(), visits.logo_origin()
        policy = POLICY.format(f" {logo}" if logo else "")
        response.headers.setdefault(
            "Content-Security-Policy", policy + (" ".join(frames) or NO_ORIGIN)
        )
        if not frames:
            # It cannot list origins; browsers that know both use the policy.
            response.headers.setdefault("X-Frame-Options", "DENY")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
