"""Steps of a sign-in with OpenID Connect, for the tests of its pages."""

from collections.abc import Callable
from typing import Any

from werkzeug.test import TestResponse

from tests.support.servers.hostile_issuer import HostileIssuer
from tests.web.visitor import Visitor

ORGANIZATION = "0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"
ADA = {"email": "ada@example.com", "email_verified": True, "name": "Ada"}
CALLBACK = "http://127.0.0.1:8000"


Start = Callable[..., Visitor]


def path_of(url: str) -> str:
    assert url.startswith(CALLBACK)
    return url.removeprefix(CALLBACK)


def sign_in(
    visitor: Visitor, issuer: HostileIssuer, subject: str = "ada", **claims: Any
) -> TestResponse:
    """Go to the issuer, sign in there, and come back."""
    there = visitor.get("/sign-in/oidc")
    assert there.status_code == 303, there.text
    return visitor.get(path_of(issuer.authorize(there.location, subject, **claims or ADA)))


def is_signed_in(visitor: Visitor) -> bool:
    return visitor.get("/settings").status_code == 200
