"""What becomes of a request that came to a catcher's URL: kept, judged, and answered."""

import base64
import binascii
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, update

from app.domain.bodies.formats import QUERY_METHODS
from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id, new_id
from app.domain.test_inbox.responses import Reply, ResponseSettings, reply_of
from app.domain.webhooks.rows import facts_from_row
from app.domain.webhooks.signing import verify
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as catchers
from app.runtime.context import runtime
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

MOST_KEPT = 200
KEPT_BYTES = 64 * 1024
KEPT_HEAD = 16 * 1024

_KEY = re.compile(r"\bcb_[0-9a-f]{32}_[!-~]+")
_HIDDEN = "(hidden by Callboard)"
# A browser sends these by itself to whatever page of ours is opened in it, this one among them:
# whoever reads the catcher must not come in with them.
_OF_BROWSERS = frozenset({"cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """target: path and query. headers: in order. body: its first KEPT_BYTES at least; size: bytes
    of the whole. whole: whether `body` is all of it. address: where it came from."""

    method: str
    target: str
    protocol: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    size: int
    whole: bool
    address: str | None


def manner_of(catcher: TestInbox) -> ResponseSettings:
    return ResponseSettings(catcher.name, catcher.status, catcher.delay_ms, catcher.failure_percent)


def reply_to(catcher: TestInbox) -> Reply:
    """What it answers this time."""
    return reply_of(manner_of(catcher), random.random())  # noqa: S311 - no secret depends on it


def keep(catcher: TestInbox, arrived: Arrived, reply: Reply) -> str:
    """Record it with the answer that it will get; what is older than the newest MOST_KEPT goes.
    The id of the record. NotFound when the catcher was deleted meanwhile."""
    now, named = now_ms(), {name.lower(): value for name, value in arrived.headers}
    signature, webhook_id = judge(catcher.organization_id, arrived, named, now)
    ours = webhook_id is not None
    with write_transaction() as session:
        if not _counted(session, catcher.id, now):
            raise NotFound
        # Made under the lock of the catcher's row, so that ids are in the order of arrival.
        id_ = new_id()
        session.add(
            TestInboxRequest(
                id=id_,
                organization_id=catcher.organization_id,
                catcher_id=catcher.id,
                received_at=now,
                method=arrived.method[:40],
                target=_text(arrived.target)[:4096],
                event_type=_text(named.get("x-callboard-event-type", ""))[:128] or None,
                head=_head(arrived),
                body=arrived.body[:KEPT_BYTES],
                bytes=arrived.size,
                remote_address=(arrived.address or "")[:45] or None,
                signature=signature,
                webhook_id=webhook_id,
                delivery_id=canonical_id(named.get("x-callboard-delivery-id")) if ours else None,
                status=reply.status,
                why=reply.why,
            )
        )
        session.flush()
        _drop_older(session, catcher.id)
    return id_


def judge(
    organization_id: str, arrived: Arrived, named: Mapping[str, str], now: int
) -> tuple[str, str | None]:
    """(valid, wrong, none, unknown or unchecked; the webhook's id), as its receiver would judge.

    named: headers by their names in lower case. Judged at arrival: afterwards the time is past,
    and the secret may have been rotated."""
    webhook = catchers.sender(organization_id, named.get("x-callboard-webhook-id"))
    webhook_id = webhook.id if webhook is not None else None
    signature = named.get("webhook-signature")
    if not signature:
        return "none", webhook_id
    secrets = (
        facts_from_row(webhook.columns(), runtime().vault, now).secrets
        if webhook is not None
        else ()
    )
    if not secrets:
        return "unknown", webhook_id
    is_query = arrived.method in QUERY_METHODS
    if not is_query and not arrived.whole:
        return "unchecked", webhook_id
    signed = arrived.target.partition("?")[2].encode() if is_query else arrived.body
    proof = (named.get("webhook-id", ""), named.get("webhook-timestamp", ""), signature, signed)
    valid = any(verify(secret, *proof, now=now // 1000) for secret in secrets)
    return ("valid" if valid else "wrong"), webhook_id


def too_busy(reply: Reply) -> Reply:
    """Instead of a delay for which there is no room."""
    return replace(reply, status=503, why="busy", delay_seconds=0)


def _head(arrived: Arrived) -> bytes:
    lines = [f"{arrived.method} {arrived.target} {arrived.protocol}"]
    lines += [f"{name}: {_shown(name, value)}" for name, value in arrived.headers]
    head = "\r\n".join(lines).encode("latin-1", "replace")
    if len(head) > KEPT_HEAD:
        head = head[:KEPT_HEAD].rpartition(b"\r\n")[0] or head[:KEPT_HEAD]
    return head + b"\r\n\r\n"


def _shown(name: str, value: str) -> str:
    """Without what opens Callboard itself: everybody in the organization can read it here."""
    if name.lower() in _OF_BROWSERS:
        return _HIDDEN
    if value[:6].lower() == "basic " and _is_our_pair(value[6:]):
        return f"Basic {_HIDDEN}"
    platform_key = runtime().settings.platform_api_key
    if platform_key and platform_key in value:
        return _HIDDEN
    return _KEY.sub(_HIDDEN, value)


def _is_our_pair(encoded: str) -> bool:
    """Whether it can be the id and the secret of an API key."""
    try:
        pair = base64.b64decode(encoded.strip() + "==").decode("latin-1")
    except (binascii.Error, ValueError):
        return False
    return canonical_id(pair.partition(":")[0]) is not None


def _text(value: str) -> str:
    return value.replace("\0", "")


def _counted(session: WriteSession, catcher_id: str, now: int) -> bool:
    counted = session.execute(
        update(TestInbox)
        .where(TestInbox.id == catcher_id)
        .values(received=TestInbox.received + 1, last_received_at=now)
        .returning(TestInbox.id)
    )
    return counted.first() is not None


def _drop_older(session: WriteSession, catcher_id: str) -> None:
    oldest = (
        select(TestInboxRequest.id)
        .where(TestInboxRequest.catcher_id == catcher_id)
        .order_by(TestInboxRequest.id.desc())
        .offset(MOST_KEPT)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        delete(TestInboxRequest).where(
            TestInboxRequest.catcher_id == catcher_id, TestInboxRequest.id <= oldest
        )
    )
