"""Two organizations with one of each thing, and callers of every kind."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from app.domain.accounts.permissions import ROLES, SCOPES
from app.domain.event_types.fields import EventTypeFields
from app.models import TestInboxRequest, User, UserSession
from app.models.base import db
from app.services.accounts import api_keys, credential_cache, invitations, organizations
from app.services.accounts.actor import SYSTEM, Actor
from app.services.deliveries import saved_views
from app.services.event_types import service as event_types
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.security.declared import (
    ACCOUNT,
    ALL_SCOPES,
    ANYONE,
    FIELDS,
    INSIDE_PORTALS,
    MEMBER,
    OUTSIDE_PORTALS,
    PLATFORM,
    PLATFORM_OWNER,
)
from tests.services.people import PASSWORD, person
from tests.web import records
from tests.web.guests import guest_of
from tests.web.visitor import Visitor

# In names and payloads of the first organization: no stranger may read it.
CANARY = "canary-of-acme"
EXPIRED = "2020-01-01T00:00:00Z"
# Tables that say who is signed in; looking at a page may change them.
OF_SESSIONS = {"user_sessions", "users"}
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


@dataclass(frozen=True)
class Caller:
    """needs: what it is allowed. prefix: of paths. is_inside: a portal. is_other: of the other
    organization, where it is allowed the same. is_outsider: it may read nothing of the first."""

    name: str
    needs: frozenset[str]
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[Any, Any] = field(default_factory=dict)
    prefix: str = ""
    is_inside: bool = False
    is_other: bool = False
    is_outsider: bool = True

    def client(self, app: Flask) -> FlaskClient:
        """A browser or program of its own, so that nothing a response sets outlives it."""
        client = app.test_client()
        client._cookies = dict(self.cookies)
        return client

    def may(self, need: str, rule: str) -> bool:
        """Whether roles, scopes and portals let the request through."""
        is_outside = rule.startswith(OUTSIDE_PORTALS) or rule == "/catch/<token>"
        if self.is_inside and is_outside:
            return False
        return need == ANYONE or need in self.needs


class Scene:
    """ids: of the first organization's things, by the name of the parameter in a rule."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        acme, other = (organizations.create(name) for name in (CANARY, "Other"))
        self.organization_id, self.other_id = acme.id, other.id
        self.people = {role: self._person(acme.id, role, role) for role in ROLES}
        self.people["platform owner"] = self._person(other.id, "platform", "viewer")
        with write_transaction() as session:
            mine = update(User).where(User.id == self.people["platform owner"][1])
            session.execute(mine.values(is_platform_owner=True))
        self.people["other owner"] = self._person(other.id, "other", "owner")
        self.ids = self._things(acme.id)
        self._acknowledge_an_issue()
        self._guests = {role: guest_of(app, acme, role=role) for role in ("viewer", "member")}
        stranger = guest_of(app, other)
        self.page_callers = [*self._people(), *self._visitors(stranger)]
        self.key_callers = [*self._keys()]
        self._snapshot = self._contents()
        self._database = Path(str(db.engine.url.database))
        self._saved = self._copy()

    def restore(self) -> None:
        """Undo whatever the last request changed."""
        db.session.remove()
        with closing(sqlite3.connect(self._database)) as live:
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
        contents = {}
        for (name,) in db.session.execute(text(TABLES)).all():
            columns = [row[1] for row in db.session.execute(text(f'PRAGMA table_info("{name}")'))]
            owner = "id" if name == "organizations" else "organization_id"
            if owner not in columns or name in OF_SESSIONS:
                continue
            # When a key was last used is written by a background thread.
            shown = ", ".join(f'"{c}"' for c in columns if c != "last_used_at")
            rows = db.session.execute(
                text(f'SELECT {shown} FROM "{name}" WHERE "{owner}" = :id'),
                {"id": self.organization_id},
            )
            contents[name] = sorted(map(repr, rows.all()))
        db.session.rollback()
        return contents

    def _copy(self) -> sqlite3.Connection:
        db.session.remove()
        copy = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self._database)) as live:
            live.backup(copy)
        return copy

    def _acknowledge_an_issue(self) -> None:
        fields = FIELDS["/issues/acknowledge"]
        owner = self.people["owner"][0]
        values = {name: value.format_map(self.ids) for name, value in fields.items()}
        owner.send("/issues/acknowledge", **values)

    def _person(self, organization_id: str, name: str, role: str) -> tuple[Visitor, str]:
        email = f"{name}@example.com"
        user = person(email, organization_id, role, PASSWORD)
        user_id = user.id
        visitor = Visitor(self.app)
        visitor.sign_in(email, PASSWORD)
        return visitor, user_id

    def _things(self, organization_id: str) -> dict[str, str]:
        fields = {"url": "https://receiver.example.com/hook", "name": CANARY}
        webhook_id = webhooks.create(organization_id, fields, SYSTEM).id
        delivery_id = records.delivery(organization_id, webhook_id)
        event_id = records.event(organization_id, b'{"canary": "%s"}' % CANARY.encode())
        inbox = inboxes.create(organization_id, {"name": CANARY}, SYSTEM)
        self.app.test_client().post(f"/catch/{inbox.token}", data=CANARY.encode())
        request_id = db.session.query(TestInboxRequest.id).scalar()
        key = api_keys.create(organization_id, CANARY, actor=SYSTEM)
        invited, _ = invitations.create(organization_id, "new@example.com", "viewer", SYSTEM)
        member_id = self.people["member"][1]
        actor = Actor("user", member_id, "member@example.com")
        view = saved_views.create(
            organization_id, self.people["viewer"][1], CANARY, {"state": "failed"}, actor
        )
        event_types.put(organization_id, "a.described", EventTypeFields(description=CANARY), SYSTEM)
        session_id = (
            db.session.query(UserSession.id).filter_by(user_id=self.people["viewer"][1]).scalar()
        )
        # The producer is told an event's source, which is the id of a render.
        render_id = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"
        records.event(organization_id, b"{}", type="render.queued", source=render_id)
        return {
            "webhook_id": webhook_id,
            "delivery_id": delivery_id,
            "event_id": event_id,
            "inbox_id": inbox.id,
            "request_id": str(request_id),
            "user_id": member_id,
            "key_id": key.id,
            "invitation_id": invited.id,
            "view_id": view.id,
            "session_id": str(session_id),
            "organization_id": organization_id,
            "event_type": "a.described",
            "name": "a.described",
            "render_id": render_id,
            "number": "1",
            "token": "no-such-token",
            "color": "aa3311",
            "rest": "x",
        }

    def _people(self) -> Iterator[Caller]:
        yield Caller("stranger", frozenset())
        key = api_keys.create(self.organization_id, "on pages", actor=SYSTEM)
        yield Caller("API key", frozenset(), {"Authorization": f"Bearer {key.key}"})
        for name, (visitor, _) in self.people.items():
            role = {"other owner": "owner", "platform owner": "viewer"}.get(name, name)
            needs = {ACCOUNT, MEMBER, *ROLES[role]}
            if name == "platform owner":
                needs.add(PLATFORM_OWNER)
            is_other = name in ("other owner", "platform owner")
            cookies = visitor.client._cookies
            yield Caller(
                name,
                frozenset(needs),
                cookies=cookies,
                is_other=is_other,
                is_outsider=is_other,
            )

    def _visitors(self, stranger: Visitor) -> Iterator[Caller]:
        inside = f"/portal/{self.organization_id}"
        for role, guest in self._guests.items():
            cookies = guest.client._cookies
            yield Caller(
                f"portal {role}",
                ROLES[role],
                cookies=cookies,
                prefix=inside,
                is_inside=True,
                is_outsider=False,
            )
        # The session of another portal, under this one's path.
        moved = {
            (domain, inside, name): cookie
            for (domain, _, name), cookie in stranger.client._cookies.items()
        }
        yield Caller("other portal", frozenset(), {}, moved, inside, is_inside=True)

    def _keys(self) -> Iterator[Caller]:
        def key(organization_id: str | None, name: str, scopes: Any = None) -> dict[str, str]:
            made = api_keys.create(organization_id, name, scopes, actor=SYSTEM)
            # Each dialect reads one of the two headers.
            return {"Authorization": f"Bearer {made.key}", "x-api-key": made.key}

        acme = self.organization_id
        yield Caller("stranger", frozenset())
        owner = self.people["owner"][0].client._cookies
        yield Caller("owner's browser", frozenset(), cookies=owner)
        revoked = api_keys.create(acme, "revoked", actor=SYSTEM)
        api_keys.revoke(acme, revoked.id, SYSTEM)
        header = {"Authorization": f"Bearer {revoked.key}", "x-api-key": revoked.key}
        yield Caller("revoked key", frozenset(), header)
        for scope in SCOPES:
            own = key(acme, scope, [scope])
            yield Caller(scope, frozenset({scope}), own, is_outsider=False)
        every = frozenset({*SCOPES, ALL_SCOPES})
        yield Caller("all scopes", every, key(acme, "all"), is_outsider=False)
        for_acme = key(None, "platform") | {"Callboard-Organization": acme}
        needs = frozenset({*SCOPES, ALL_SCOPES, PLATFORM})
        yield Caller("platform key", needs, for_acme, is_outsider=False)
        yield Caller("other key", every, key(self.other_id, "other"), is_other=True)


def exists_in_portal(rule: str) -> bool:
    return not rule.startswith(OUTSIDE_PORTALS)


def exists_only_in_portal(rule: str) -> bool:
    return rule.startswith(INSIDE_PORTALS)
