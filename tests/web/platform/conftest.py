"""A platform owner, who is a member of no organization."""

import pytest
from flask import Flask

from app.services.accounts import platform_owners
from app.services.accounts.actor import SYSTEM
from tests.services.people import PASSWORD, person
from tests.web.visitor import Visitor

OPERATOR = "ops@example.com"


@pytest.fixture
def operator(sqlite_app: Flask) -> Visitor:
    person(OPERATOR, password=PASSWORD)
    platform_owners.grant(OPERATOR, SYSTEM)
    visitor = Visitor(sqlite_app)
    visitor.sign_in(OPERATOR, PASSWORD)
    return visitor
