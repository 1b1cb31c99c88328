"""Who looks at the pages."""

from typing import Any

import pytest
from flask import Flask

from tests.services.people import PASSWORD, person
from tests.web.visitor import Visitor


def visitor_as(app: Flask, organization: Any, role: str) -> Visitor:
    email = f"{role}@example.com"
    person(email, organization.id, role, PASSWORD)
    visitor = Visitor(app)
    visitor.has_signed_in(email, PASSWORD)
    return visitor


@pytest.fixture
def owner(sqlite_app: Flask, organization: Any) -> Visitor:
    return visitor_as(sqlite_app, organization, "owner")


@pytest.fixture
def viewer(sqlite_app: Flask, organization: Any) -> Visitor:
    return visitor_as(sqlite_app, organization, "viewer")
