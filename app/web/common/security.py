"""The headers that every page carries: what a browser may load, run, frame and send from it."""

from flask import Response

from app.web.portal import visits

# Nothing inline: a payload or a receiver's answer that got into a page could not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors "
)
NOBODY = "'none'"
HEADERS = {
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # A page shows what is so now; going back in the browser asks again.
    "Cache-Control": "private, no-cache",
}


def protect(response: Response) -> Response:
    """Set them on every HTML answer that has not set its own. No page may be framed, but those of
    a portal by the origins that its link allows."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if response.mimetype == "text/html":
        frames = visits.frames()
        response.headers.setdefault(
            "Content-Security-Policy", POLICY + (" ".join(frames) or NOBODY)
        )
        if not frames:
            # It knows no list of origins; browsers that know both go by the policy.
            response.headers.setdefault("X-Frame-Options", "DENY")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
