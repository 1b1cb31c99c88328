"""Join stylesheets and scripts in memory, and know the digest of each static file.

Small files for people, one round trip for browsers, and no build step.
"""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import current_app

VENDOR_CSS = ("vendor/bootstrap-5.3.8/bootstrap.min.css",)
VENDOR_JS = ("vendor/htmx-2.0.11/htmx.min.js",)
# These come first because the others build on them.
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
            self._bundles[name] = self._build(name)
        return self._bundles[name]

    def digest(self, filename: str) -> str:
        """The first 12 hex digits of the file's SHA-256."""
        if filename not in self._digests or current_app.debug:
            self._digests[filename] = _digest((self._static / filename).read_bytes())
        return self._digests[filename]

    def text(self, filename: str) -> str:
        return (self._static / filename).read_text()

    def _build(self, name: str) -> Bundle:
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
