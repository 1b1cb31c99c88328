"""Callers of every kind, and what each is allowed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.domain.accounts.permissions import ROLES, SCOPES
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.security.declared import OUTSIDE_PORTALS
from tests.security.levels import ACCOUNT, ALL_SCOPES, ANYONE, MEMBER, PLATFORM, PLATFORM_OWNER
from tests.web.visitor import Visitor


@dataclass(frozen=True)
class Caller:
    """needs: what it is allowed. prefix: of paths. is_inside: a portal. is_other: of the other
    organization, where it is allowed the same. is_outsider: it may read nothing of the first.
    is_browser: it sends a cookie to an API."""

    name: str
    needs: frozenset[str]
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[Any, Any] = field(default_factory=dict)
    prefix: str = ""
    is_inside: bool = False
    is_other: bool = False
    is_outsider: bool = True
    is_browser: bool = False

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


def people(organization_id: str, visitors: Mapping[str, Visitor]) -> Iterator[Caller]:
    """Callers of pages. visitors: browsers by role."""
    yield Caller("stranger", frozenset())
    key = api_keys.create(organization_id, "on pages", actor=SYSTEM)
    yield Caller("API key", frozenset(), {"Authorization": f"Bearer {key.key}"})
    for name, visitor in visitors.items():
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


def guests(
    organization_id: str, visitors: Mapping[str, Visitor], stranger: Visitor
) -> Iterator[Caller]:
    """Visitors of the portal, and one of another portal."""
    inside = f"/portal/{organization_id}"
    for role, guest in visitors.items():
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


def browsers(visitors: Mapping[str, Visitor]) -> Iterator[Caller]:
    """Callers of APIs by the cookie of a page. visitors: by role."""
    for name, visitor in visitors.items():
        role, is_other = name.removeprefix("other "), name.startswith("other ")
        yield Caller(
            f"browser of {name}",
            ROLES[role],
            cookies=visitor.client._cookies,
            is_other=is_other,
            is_outsider=is_other,
            is_browser=True,
        )


def keys(acme: str, other: str) -> Iterator[Caller]:
    """Callers of APIs by an API key."""

    def key(organization_id: str | None, name: str, scopes: Any = None) -> dict[str, str]:
        created = api_keys.create(organization_id, name, scopes, actor=SYSTEM)
        # Each dialect reads one of the two headers.
        return {"Authorization": f"Bearer {created.key}", "x-api-key": created.key}

    yield Caller("stranger", frozenset())
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
    yield Caller("other key", every, key(other, "other"), is_other=True)
