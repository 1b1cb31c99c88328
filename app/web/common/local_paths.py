"""Redirect targets: accept paths on this site only."""

from urllib.parse import urlsplit


def local_path(target: str | None) -> str | None:
    """`target` if it is a path on this site; None for everything that could lead elsewhere."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return None
    # Browsers drop tabs and line breaks, so `/<tab>/example.com` would be read as a host.
    return target if target.isprintable() else None


def path_of(url: str) -> str | None:
    """The path and query of a URL, if `local_path` accepts them."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))
