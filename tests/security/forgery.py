"""Requests that somebody else makes the product send, and forms that another site makes a browser
send. Every one of them must be refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask

from app.domain.accounts.permissions import SCOPES
from app.models import Attempt
from app.models.common.base import db
from app.runtime.context import runtime_of
from app.services.accounts import api_keys
from app.services.accounts.actor import SYSTEM
from tests.domain.addresses.test_urls import REFUSED_ADDRESSES
from tests.security.declared import PAGES, requests_of
from tests.security.installation import set_tokens
from tests.security.two_organizations import Scene
from tests.security.walk import Try
from tests.support.dispatchers import dispatcher_of
from tests.support.servers.names import NameServer

# One machine by many names.
LOOPBACK_SPELLINGS = (
    *("127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1"),
    *("0177.0.0.1", "017700000001", "127.000.000.001", "0", "0.0.0.0", "localhost", "localhost."),
    *("LOCALHOST", "a.localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[::1%25lo]"),
    *("\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "127\u30020\u30020\u30021"),
    *("127.0.0.1%00.example.com", "example.com@127.0.0.1", "127.0.0.1#@example.com"),
    *(
        "127.0.0.1\\@example.com",
        "127.0.0.1\t",
        "127.0.0.1:80:80",
        "[127.0.0.1]",
        "%31%32%37.0.0.1",
    ),
)
METADATA = (
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "169.254.170.2"),
    *("[fd00:ec2::254]", "[fd20:ce::254]", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
)
# Names whose addresses are private, as a name server of the tenant could say.
NAMES = {
    f"n{number}.test": [address]
    for number, address in enumerate(a for a in REFUSED_ADDRESSES if "%" not in a)
}
BY_NAME = "names with private addresses"
EVENTS = "/api/v1/events"
SCHEMES = (
    *("file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/stat"),
    *("ftp://127.0.0.1/", "ldap://127.0.0.1/", "unix:///run/redis.sock", "//127.0.0.1/"),
    *("http:/127.0.0.1/", "http:127.0.0.1", "javascript:alert(1)", "data:text/plain,x"),
)


@dataclass
class Row:
    """A line of the table in docs/security.md. passed: what was not refused."""

    what: str
    tried: int
    passed: list[str]

    @property
    def refused(self) -> int:
        return self.tried - len(self.passed)


def urls() -> dict[str, list[str]]:
    literals = [_bracketed(address) for address in REFUSED_ADDRESSES]
    return {
        "private and special addresses": [f"http://{host}/" for host in literals],
        "spellings of this machine": [f"http://{host}/" for host in LOOPBACK_SPELLINGS],
        "metadata services of clouds": [f"http://{host}/latest/" for host in METADATA],
        BY_NAME: [f"https://{name}/hook" for name in NAMES],
        "other schemes": list(SCHEMES),
    }


def call_inside(app: Flask, organization_id: str, name_server: NameServer) -> list[Row]:
    """Ask every surface that takes a URL to call something inside. The application asks
    `name_server`, and allows no private network."""
    name_server.names.update(NAMES)
    key = api_keys.create(organization_id, "attacker", list(SCOPES), actor=SYSTEM)
    headers = {"Authorization": f"Bearer {key.key}", "x-api-key": key.key}
    rows = []
    for what, texts in urls().items():
        row = Row(what, 0, [])
        for text in texts:
            for path, document in _surfaces(organization_id, text):
                response = app.test_client().post(path, json=document, headers=headers)
                if what == BY_NAME and path == EVENTS and response.status_code == 202:
                    # Posting an event resolves no name; the worker does, below.
                    continue
                row.tried += 1
                if response.status_code not in (400, 422):
                    row.passed.append(f"{path} {text!r}: {response.status_code}")
        rows.append(row)
    return [*rows, _called_by_a_worker(app)]


def _called_by_a_worker(app: Flask) -> Row:
    """Send what was accepted."""
    dispatcher = dispatcher_of(runtime_of(app))
    try:
        dispatcher.run(60, linger=0)
    finally:
        dispatcher.close()
    db.session.rollback()
    row = Row("names with private addresses, when a worker connects", 0, [])
    for attempt in db.session.query(Attempt).all():
        row.tried += 1
        if attempt.cause != "address_refused" or attempt.remote_address is not None:
            row.passed.append(f"{attempt.url}: {attempt.cause}")
    return row


def _surfaces(organization_id: str, url: str) -> Iterator[tuple[str, Any]]:
    yield "/api/v1/webhooks", {"url": url}
    yield EVENTS, {"type": "a.b", "payload": {}, "callback": url}
    asset = {"url": url, "secret_token": "s"}
    yield f"/api/v1/{organization_id}/webhooks/", asset
    yield "/api/webhooks", {"url": url, "name": "n", "encoding_started": True}
    yield "/webhooks.json", {"webhook": {"url": url}}
    yield "/v1/webhook", {"uri": url, "event": "channel_live"}
    edit = {"timeline": {"tracks": []}, "output": {"format": "mp4"}, "callback": url}
    yield "/edit/v1/render", edit


def _bracketed(address: str) -> str:
    if "%" in address:
        return f"[{address.replace('%', '%25')}]"
    return f"[{address}]" if isinstance(ip_address(address), IPv6Address) else address


FOREIGN = {
    "a form without its token": {},
    "a form of another site, with a valid token": {"Origin": "https://evil.example"},
    "a form of a sandboxed frame, with a valid token": {"Origin": "null"},
    "a request that the browser calls cross-site": {"Sec-Fetch-Site": "cross-site"},
}


def forge_forms(scene: Scene) -> list[Row]:
    """Send every form of a page as its owner's browser would if another site told it to."""
    owner = next(caller for caller in scene.page_callers if caller.name == "owner")
    rows = []
    for what, headers in FOREIGN.items():
        row = Row(what, 0, [])
        set_tokens(scene.app, has_tokens=bool(headers))
        for (method, rule), need in sorted(requests_of(PAGES).items()):
            if method == "GET" or rule.startswith(("/catch", "/failures")):
                continue
            attempt = Try(method, rule, need, owner)
            before = scene.commits()
            client, path = owner.client(scene.app), attempt.path(scene.ids)
            response = client.open(path, method=method, headers=headers)
            row.tried += 1
            if not (response.status_code in (303, 400, 403, 404) and _is_unchanged(scene, before)):
                row.passed.append(f"{method} {rule}: {response.status_code}")
                scene.restore()
        rows.append(row)
    set_tokens(scene.app, has_tokens=True)
    return rows


def _is_unchanged(scene: Scene, before: tuple[int, int]) -> bool:
    return scene.commits() == before or not scene.changed()
