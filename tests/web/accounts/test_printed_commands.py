"""The commands that pages give to the operator do what they say, typed exactly as printed."""

import re
import shlex
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts import platform_owners
from app.services.accounts.actor import SYSTEM
from tests.services.people import PASSWORD, person, with_app
from tests.support.databases import SECRET_KEY
from tests.web.accounts.oidc_flow import ORGANIZATION, Start
from tests.web.visitor import Visitor

ROOT = Path(__file__).resolve().parents[3]
EMAIL = "you@example.com"


def commands_on(visitor: Visitor, page: str) -> list[str]:
    return [
        unescape(text)
        for text in re.findall(r"<code>([^<]+)</code>", visitor.get(page).text)
        if " -m app.cli " in text
    ]


def typed(command: str, **settings: str) -> str:
    """The output of the command in Callboard's directory, in a shell that has only settings."""
    stored = runtime().settings
    environ = {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": stored.database_url,
        "DATA_DIR": str(stored.data_dir),
        "REDIS_URL": stored.redis_url,
        "SECRET_KEY": SECRET_KEY,
        **settings,
    }
    done = subprocess.run(
        shlex.split(command), cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    db.session.rollback()
    return done.stdout.strip()


def test_the_command_of_the_sign_in_page_prints_a_link_that_signs_in(
    start: Start, issuer: Any
) -> None:
    visitor = start(PASSWORD_SIGN_IN="off")
    person(EMAIL, ORGANIZATION, "owner", PASSWORD)
    [command] = commands_on(visitor, "/sign-in")
    settings = {
        "PASSWORD_SIGN_IN": "off",
        "OIDC_ISSUER": issuer.url,
        "OIDC_CLIENT_ID": "callboard",
        "OIDC_CLIENT_SECRET": "a secret",
        "ALLOWED_PRIVATE_NETWORKS": "127.0.0.0/8",
    }
    link = typed(command, **settings).removeprefix("http://127.0.0.1:8000")
    assert visitor.get(link).location == "/"
    assert visitor.get("/settings").status_code == 200


@pytest.mark.parametrize(
    "page", ["/password-reset", pytest.param("/password-reset/sent", marks=pytest.mark.long)]
)
def test_the_command_of_a_forgotten_password_prints_a_link_that_sets_a_new_one(
    sqlite_app: Flask, organization: Any, page: str
) -> None:
    person(EMAIL, organization.id, "owner", PASSWORD)
    visitor = Visitor(sqlite_app)
    [command] = commands_on(visitor, page)
    link = typed(command).removeprefix("http://127.0.0.1:8000")
    assert visitor.post(link, password="seven wild geese fly").location == "/sign-in"
    visitor.sign_in(EMAIL, "seven wild geese fly")


# In script/test, like it, the one of a forgotten password.
@pytest.mark.long
def test_the_command_of_the_second_step_lets_a_person_in_without_a_code(
    sqlite_app: Flask, organization: Any
) -> None:
    with_app(person(EMAIL, organization.id, "owner", PASSWORD))
    visitor = Visitor(sqlite_app)
    visitor.post("/sign-in", email=EMAIL, password=PASSWORD)
    [command] = commands_on(visitor, "/sign-in/two-factor")
    typed(command)
    assert visitor.post("/sign-in", email=EMAIL, password=PASSWORD).location == "/"


def test_the_commands_of_the_platform_page_add_and_remove_an_owner(sqlite_app: Flask) -> None:
    person("ops@example.com", password=PASSWORD)
    platform_owners.grant("ops@example.com", SYSTEM)
    person("ada@example.com", password=PASSWORD)
    visitor = Visitor(sqlite_app)
    visitor.sign_in("ops@example.com", PASSWORD)
    states = []
    for command in commands_on(visitor, "/platform/owners"):
        typed(command)
        user = accounts.user_by_email("ada@example.com")
        assert user
        states.append(user.is_platform_owner)
    assert states == [True, False]
