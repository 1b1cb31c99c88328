"""Static files under URLs that name their content, so that a browser may keep them for ever.

The many small stylesheets and scripts are joined in memory, at the first request, into one of
each: small files for people, one round trip for browsers, and no build step.
"""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, request, url_for
from markupsafe import Markup

blueprint = Blueprint("assets", __name__)

FOREVER = "public, max-age=31536000, immutable"
VENDOR_CSS = ("vendor/bootstrap-5.3.8/bootstrap.min.css",)
VENDOR_JS = ("vendor/htmx-2.0.11/htmx.min.js",)
# These come first, since the others build on them.
FIRST_CSS = ("tokens", "base", "layout")


@dataclass(frozen=True, slots=True)
class Bundle:
    name: str
    mimetype: str
    content: bytes
    compressed: bytes
    digest: str


class Assets:
    """The joined files and the digests of single ones below `static`."""

    def __init__(self, static: Path) -> None:
        self._static = static
        self._bundles: dict[str, Bundle] = {}
        self._digests: dict[str, str] = {}

    def bundle(self, name: str) -> Bundle:
        """`app.css` or `app.js`. KeyError for any other name."""
        if name not in self._bundles or current_app.debug:
            self._bundles[name] = self._made(name)
        return self._bundles[name]

    def digest(self, filename: str) -> str:
        """The first 12 hex digits of the file's SHA-256."""
        if filename not in self._digests or current_app.debug:
            self._digests[filename] = _digest((self._static / filename).read_bytes())
        return self._digests[filename]

    def text(self, filename: str) -> str:
        return (self._static / filename).read_text()

    def _made(self, name: str) -> Bundle:
        mimetype, paths = {
            "app.css": ("text/css", self._stylesheets()),
            "app.js": ("text/javascript", self._scripts()),
        }[name]
        content = b"\n".join(path.read_bytes() for path in paths)
        packed = gzip.compress(content, 9, mtime=0)
        return Bundle(name, mimetype, content, packed, _digest(content))

    def _stylesheets(self) -> Iterable[Path]:
        own = sorted(path.stem for path in (self._static / "css").glob("*.css"))
        ordered = [*FIRST_CSS, *(stem for stem in own if stem not in FIRST_CSS)]
        vendored = [self._static / path for path in VENDOR_CSS]
        return [*vendored, *(self._static / "css" / f"{stem}.css" for stem in ordered)]

    def _scripts(self) -> Iterable[Path]:
        vendored = [self._static / path for path in VENDOR_JS]
        return [*vendored, *sorted((self._static / "js").glob("*.js"))]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def assets() -> Assets:
    found: Assets = current_app.extensions["callboard.assets"]
    return found


def bundle_url(name: str) -> str:
    stem, _, ending = name.partition(".")
    digest = assets().bundle(name).digest
    return url_for("assets.bundle", stem=stem, digest=digest, ending=ending)


def static_url(filename: str) -> str:
    return url_for("static", filename=filename, v=assets().digest(filename))


def inline_svg(filename: str) -> Markup:
    """One of our own drawings, as markup, so that it takes the colour of the text around it."""
    return Markup(assets().text(filename))  # noqa: S704 - a file of our own


@blueprint.get("/assets/<stem>-<digest>.<ending>")
def bundle(stem: str, digest: str, ending: str) -> Response:
    """An outdated digest gets the present content, kept only for a minute."""
    try:
        found = assets().bundle(f"{stem}.{ending}")
    except KeyError:
        return Response(status=404)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(found.compressed if packed else found.content, mimetype=found.mimetype)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER if digest == found.digest else "max-age=60"
    return response


def keep_versioned(response: Response) -> Response:
    """A static file that was asked for by its version may be kept for ever."""
    if request.endpoint == "static" and request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = FOREVER
    return response
