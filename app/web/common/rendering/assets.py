"""Serve static files under URLs that contain a digest, so that browsers may cache them forever."""

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from app.runtime.context import runtime

blueprint = Blueprint("assets", __name__)

FOREVER = "public, max-age=31536000, immutable"


def bundle_url(name: str) -> str:
    stem, _, ending = name.partition(".")
    digest = runtime().assets.bundle(name).digest
    return url_for("assets.bundle", stem=stem, digest=digest, ending=ending)


def static_url(filename: str) -> str:
    return url_for("static", filename=filename, v=runtime().assets.digest(filename))


def inline_svg(filename: str) -> Markup:
    """A drawing from `static` as markup, so that it takes the colour of the text around it."""
    return Markup(runtime().assets.text(filename))  # noqa: S704 - a file from this repository


@blueprint.get("/assets/<stem>-<digest>.<ending>")
def bundle(stem: str, digest: str, ending: str) -> Response:
    """An outdated digest returns the current content, cacheable for a minute only."""
    try:
        current = runtime().assets.bundle(f"{stem}.{ending}")
    except KeyError:
        return Response(status=404)
    is_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    content = current.compressed if is_gzip else current.content
    response = Response(content, mimetype=current.mimetype)
    if is_gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER if digest == current.digest else "max-age=60"
    return response


def cache_versioned(response: Response) -> Response:
    """Let browsers cache a static file forever if its URL names the version."""
    if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = FOREVER
    return response
