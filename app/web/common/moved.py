"""Redirect page addresses of earlier releases to their new ones."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

blueprint = Blueprint("moved", __name__)

# Old first path segment: new one.
MOVED = {"failures": "issues", "catcher": "test-inbox"}


def _moved(rest: str = "") -> Response:
    """Redirect with the method and the query kept; inside a portal the address stays inside."""
    old, _, _ = request.path.removeprefix("/").partition("/")
    query = request.query_string.decode("ascii", "replace")
    target = f"{request.script_root}/{MOVED[old]}" + (f"/{rest}" if rest else "")
    if old == "failures" and rest == "take-back":
        target = f"{request.script_root}/issues/reopen"
    code = 301 if request.method in ("GET", "HEAD") else 308
    return redirect(f"{target}?{query}" if query else target, code)


for segment in MOVED:
    for rule in (f"/{segment}", f"/{segment}/<path:rest>"):
        blueprint.add_url_rule(rule, f"moved {rule}", _moved, methods=["GET", "POST"])
