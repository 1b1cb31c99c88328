"""Two organizations with one of each thing, and callers of every kind."""

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import update

from app.domain.accounts.permissions import ROLES
from app.models import User
from app.models.common.base import db
from app.services.accounts import credential_cache, organizations
from app.store.transaction import write_transaction
from tests.security import callers
from tests.security.declared import FIELDS
from tests.security.sample_rows import CANARY, things
from tests.services.people import PASSWORD, person
from tests.web.guests import guest_of
from tests.web.visitor import Visitor

# Tables that say who is signed in; looking at a page may change them.
OF_SESSIONS = {"user_sessions", "users"}
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


class Scene:
    """ids: of the first organization's things, by the name of the parameter in a rule."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        acme, other = (organizations.create(name) for name in (CANARY, "Other"))
        self.organization_id = acme.id
        self._user_ids: dict[str, str] = {}
        people = {role: self._person(acme.id, role, role) for role in ROLES}
        people["platform owner"] = self._person(other.id, "platform", "viewer")
        with write_transaction() as session:
            mine = update(User).where(User.id == self._user_ids["platform"])
            session.execute(mine.values(is_platform_owner=True))
        people["other owner"] = self._person(other.id, "other", "owner")
        self.ids = things(app, acme.id, self._user_ids["viewer"], self._user_ids["member"])
        self._acknowledge_an_issue(people["owner"])
        guests = {role: guest_of(app, acme, role=role) for role in ("viewer", "member")}
        self.page_callers = [
            *callers.people(acme.id, people),
            *callers.guests(acme.id, guests, guest_of(app, other)),
        ]
        self.key_callers = [
            *callers.keys(acme.id, other.id),
            *callers.browsers({name: people[name] for name in ("owner", "viewer", "other owner")}),
        ]
        self._database = Path(str(db.engine.url.database))
        self._statements = self._reads()
        self._snapshot = self._contents()
        self._saved = self._copy()

    def restore(self) -> None:
        """Undo whatever the last request changed."""
        db.session.remove()
        with closing(sqlite3.connect(self._database)) as live:
            live.execute("PRAGMA synchronous=OFF")
            self._saved.backup(live)
        credential_cache.clear()

    def commits(self) -> tuple[int, int]:
        """Differs after a commit: size and time of SQLite's write-ahead log."""
        log = Path(f"{self._database}-wal")
        return (log.stat().st_size, log.stat().st_mtime_ns) if log.exists() else (0, 0)

    def changed(self) -> list[str]:
        """Tables in which rows of the first organization differ from the beginning."""
        now = self._contents()
        return [name for name in now if now[name] != self._snapshot[name]]

    def _contents(self) -> dict[str, list[str]]:
        db.session.rollback()
        with closing(sqlite3.connect(self._database)) as live:
            return {
                name: sorted(map(repr, live.execute(statement, (self.organization_id,))))
                for name, statement in self._statements.items()
            }

    def _reads(self) -> dict[str, str]:
        """Statements for the rows of an organization, by table."""
        reads = {}
        with closing(sqlite3.connect(self._database)) as live:
            for (name,) in live.execute(TABLES).fetchall():
                columns = [row[1] for row in live.execute(f'PRAGMA table_info("{name}")')]
                owner = "id" if name == "organizations" else "organization_id"
                if owner not in columns or name in OF_SESSIONS:
                    continue
                # When a key or a listener was last used is written by a background thread.
                unstable = ("last_used_at", "seen_at")
                shown = ", ".join(f'"{c}"' for c in columns if c not in unstable)
                reads[name] = f'SELECT {shown} FROM "{name}" WHERE "{owner}" = ?'
        return reads

    def _copy(self) -> sqlite3.Connection:
        db.session.remove()
        copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self._database)) as live:
            live.backup(copy)
        return copy

    def _acknowledge_an_issue(self, owner: Visitor) -> None:
        fields = FIELDS["/issues/acknowledge"]
        values = {name: value.format_map(self.ids) for name, value in fields.items()}
        owner.send("/issues/acknowledge", **values)

    def _person(self, organization_id: str, name: str, role: str) -> Visitor:
        email = f"{name}@example.com"
        self._user_ids[name] = person(email, organization_id, role, PASSWORD).id
        visitor = Visitor(self.app)
        visitor.sign_in(email, PASSWORD)
        return visitor
