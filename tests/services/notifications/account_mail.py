"""A mail server for emails about accounts, and what tests read of them."""

import re
from dataclasses import replace

from flask import Flask
from sqlalchemy import select

from app.models import AccountEmail, User
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts.actor import Actor
from tests.support.servers.mail import MailServer

HOME = "192.0.2.7"


def send_by(app: Flask, mail: MailServer) -> None:
    settings = runtime_of(app).settings
    runtime_of(app).settings = replace(
        settings, smtp_url=f"smtp://127.0.0.1:{mail.port}", public_url="https://hooks.example.com"
    )


def actor(user: User) -> Actor:
    return Actor("user", user.id, user.email, HOME)


def token_of(text: str, page: str) -> str:
    matches = re.search(rf"https://hooks\.example\.com/{page}/(\S+)", text)
    assert matches, text
    return matches[1]


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AccountEmail.state).order_by(AccountEmail.id)))
