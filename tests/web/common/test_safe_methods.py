"""HEAD and OPTIONS change nothing, on every route and for every caller."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.models.common.base import db
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from app.services.test_inbox import inboxes
from tests.services.people import person
from tests.services.publishing import webhook
from tests.web import records
from tests.web.guests import guest_of
from tests.web.visitor import Visitor

# A test inbox records every request to its URL, of any method: that is what it is for.
RECORDS = ("/catch/<token>",)
# Client, prefix of the paths, headers.
Caller = tuple[Visitor, str, dict[str, str]]
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


@pytest.fixture
def ids(owner: Visitor, organization: Any) -> dict[str, str]:
    """One of each thing, by the name of the URL parameter that stands for it."""
    webhook_id = webhook(organization.id)
    delivery_id = records.delivery(organization.id, webhook_id)
    user = person("other@example.com", organization.id, "viewer", "a long enough password")
    inbox = inboxes.create(organization.id, {}, SYSTEM)
    owner.client.post(f"/catch/{inbox.token}", data=b"hello")
    return {
        "webhook_id": webhook_id,
        "delivery_id": delivery_id,
        "event_id": records.event(organization.id),
        "inbox_id": inbox.id,
        "user_id": str(getattr(user, "id", user)),
        "key_id": api_keys.create(organization.id, "key", actor=SYSTEM).row.id,
        "organization_id": organization.id,
        "organization": organization.id,
        "event_type": "encoding.finished",
        "number": "1",
    }


@pytest.fixture
def callers(sqlite_app: Flask, owner: Visitor, organization: Any, api_key: Any) -> list[Caller]:
    """A person, a key, and a visitor of the portal."""
    # Each dialect reads one of the two headers.
    key = {"Authorization": f"Bearer {api_key.key}", "x-api-key": api_key.key}
    guest = guest_of(sqlite_app, organization)
    return [(owner, "", {}), (owner, "", key), (guest, f"/portal/{organization.id}", {})]


def requests(app: Flask, ids: dict[str, str]) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule not in RECORDS:
            yield (
                rule.rule,
                re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda m: ids.get(m[1], m[1]), rule.rule),
            )


def commits() -> tuple[int, int]:
    """Changes with every commit: size and time of SQLite's write-ahead log."""
    log = Path(f"{db.engine.url.database}-wal").stat()
    return log.st_size, log.st_mtime_ns


# When a key was last used, and a session last seen, may be written by any request, once a minute.
COLUMNS = {"api_keys": "id, revoked_at", "user_sessions": "id, user_id, entered_id"}


def contents() -> dict[str, str]:
    """A digest of every table."""
    db.session.rollback()
    digests = {}
    with closing(sqlite3.connect(str(db.engine.url.database))) as live:
        for (name,) in live.execute(TABLES).fetchall():
            rows = live.execute(f'SELECT {COLUMNS.get(name, "*")} FROM "{name}"').fetchall()
            digests[name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    return digests


@pytest.mark.parametrize("method", ["HEAD", pytest.param("OPTIONS", marks=pytest.mark.long)])
def test_no_route_changes_the_database(
    sqlite_app: Flask, callers: list[Caller], ids: dict[str, str], method: str
) -> None:
    before = contents()
    changed = []
    for rule, path in requests(sqlite_app, ids):
        for caller, prefix, headers in callers:
            committed = commits()
            # Closed as a server closes it: a streamed export then ends.
            caller.client.open(prefix + path, method=method, headers=headers).close()
            if commits() != committed and (after := contents()) != before:
                tables = [name for name in after if after[name] != before[name]]
                changed.append(f"{method} {prefix}{rule}: {tables}")
                before = after
    assert changed == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_head_and_options_have_no_body(owner: Visitor, method: str) -> None:
    for path in ("/", "/webhooks", "/api/v1/events", "/webhooks.json", "/healthz"):
        assert owner.client.open(path, method=method).data == b"", path
