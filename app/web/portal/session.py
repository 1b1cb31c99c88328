"""The portal serves the same pages below /portal/<organization id>, with its own cookie.

The prefix becomes the request's script root, so every URL that a page builds stays inside, and the
cookie is scoped to it: people with accounts keep their own session, and portals of two
organizations do not affect each other. Inside, the session of an account is not even read.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Request, Response, has_request_context, request, session
from flask.sessions import SecureCookieSessionInterface, SessionInterface, SessionMixin

# Key of the environ: the id of the organization whose portal the request is in.
INSIDE = "callboard.portal"
VISIT = "visit"
_PREFIX = re.compile(
    r"(?P<root>/portal/(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))(?P<rest>/.*)?",
    re.DOTALL,
)


class Prefix:
    """WSGI middleware that moves /portal/<id> from the path to the script root."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        match = _PREFIX.fullmatch(path) if path.startswith("/portal/") else None
        if match is not None:
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + match["root"]
            environ["PATH_INFO"] = match["rest"] or "/"
            environ[INSIDE] = match["id"]
        return self._app(environ, start_response)


def organization_inside() -> str | None:
    """The organization id in the path; None outside of portals."""
    organization_id: str | None = request.environ.get(INSIDE) if has_request_context() else None
    return organization_id


class PortalSessions(SecureCookieSessionInterface):
    """A separate cookie, signed with its own salt, for the portal of one organization.

    A page in a frame of another site gets no cookie but with SameSite=None, which browsers take
    only together with Secure, and those that keep cookies of frames apart only with Partitioned.
    So it is set over https for links that allow frames. For all others it is Lax.
    """

    salt = "callboard portal session v1"
    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_name(self, app: Flask) -> str:  # noqa: ARG002
        return "callboard-portal"

    def get_cookie_path(self, app: Flask) -> str:  # noqa: ARG002
        return request.script_root

    def get_cookie_samesite(self, app: Flask) -> str:
        return "None" if self.get_cookie_partitioned(app) else "Lax"

    def get_cookie_partitioned(self, app: Flask) -> bool:
        return self.get_cookie_secure(app) and bool((session.get(VISIT) or {}).get("origins"))

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:  # noqa: ARG002
        """The cookie expires with the link."""
        visit = session.get(VISIT)
        return datetime.fromtimestamp(visit["until"] / 1000, UTC) if visit else None


class Sessions(SessionInterface):
    """Choose the portal's sessions for requests inside a portal, the usual ones outside."""

    def __init__(self, others: SessionInterface) -> None:
        self._others = others
        self._portal = PortalSessions()

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        return self._of(request.environ).open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        self._of(request.environ).save_session(app, session, response)

    def _of(self, environ: dict[str, Any]) -> SessionInterface:
        return self._portal if INSIDE in environ else self._others
