"""Somebody with a browser and no scripts: takes pages, and sends the forms that are on them."""

import re
from html import unescape
from importlib.metadata import version
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.models.common.base import db
from app.services.sign_in import first_factor, sessions

# Of Werkzeug's test client.
ADDRESS, AGENT = "127.0.0.1", f"Werkzeug/{version('werkzeug')}"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Visitor:
    """Each request has an app context of its own, as it has in the product."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.client = app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        with self._app.app_context():
            response = self.client.get(path, **options)
        return self._seen(response)

    def post(self, page: str, path: str | None = None, **fields: Any) -> TestResponse:
        """Send a form that stands on `page`, to `path` when that is another."""
        shown = self.get(page)
        token = TOKEN.search(shown.text)
        assert token, f"There is no form on {page}: {shown.status} {shown.headers}"
        return self.send(path or page, csrf_token=unescape(token[1]), **fields)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """A POST as it is, without any page."""
        with self._app.app_context():
            response = self.client.post(path, data=fields)
        return self._seen(response)

    def _seen(self, response: TestResponse) -> TestResponse:
        # What the test itself read before must not hide from it what the request changed.
        db.session.rollback()
        return response

    def has_signed_in(self, email: str, password: str) -> None:
        """What `sign_in` leads to, without its pages."""
        user = first_factor.with_password(email, password, ADDRESS)
        new = sessions.begin(user.id, ADDRESS, AGENT, remembered=False, is_sign_in=True)
        with self.client.session_transaction() as session:
            session.update({"id": new, "user": user.id, "serial": user.session_serial})
        db.session.rollback()

    def sign_in(self, email: str, password: str) -> TestResponse:
        response = self.post("/sign-in", email=email, password=password)
        assert response.status_code == 303, response.text
        return response
