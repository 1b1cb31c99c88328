"""What Flask does for pages and no API request needs is left out: it is in every event's way."""

from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.datastructures import Headers

from app.api.route import PREFIX


class SessionsOfPages(SecureCookieSessionInterface):
    """A request to the API has no session; looking for one takes 15 microseconds."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(PREFIX):
            # Flask makes one that is empty and refuses to be written.
            return None
        return super().open_session(app, request)


class Plain(Response):
    """A response whose headers are whole: Werkzeug's look for what to correct takes as long."""

    def get_wsgi_headers(self, environ: object) -> Headers:  # noqa: ARG002
        return self.headers
