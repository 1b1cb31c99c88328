"""A mail server, and an owner whose installation sends through it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.models import User
from tests.services.notifications.account_mail import send_by
from tests.services.people import PASSWORD, person
from tests.support.servers.mail import MailServer


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def ada(sqlite_app: Flask, organization: Any, mail: MailServer) -> User:
    send_by(sqlite_app, mail)
    return person("ada@example.com", organization.id, "owner", PASSWORD)
