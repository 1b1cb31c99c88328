"""Receive requests in a test inbox: store them, verify their signature, choose the response."""

import base64
import binascii
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cryptography.fernet import InvalidToken
from sqlalchemy import delete, select, update

from app.domain.bodies.formats import QUERY_METHODS
from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id, new_id
from app.domain.deliveries import sealing
from app.domain.test_inbox.responses import Reply, ResponseSettings, reply_of
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.headers import CREDENTIALS
from app.domain.webhooks.rows import facts_from_row
from app.domain.webhooks.schemes import STANDARD, header_of, verify
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as test_inbox_queries
from app.runtime.context import runtime
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

MAX_KEPT = 200
KEPT_BYTES = 64 * 1024
KEPT_HEAD = 16 * 1024

_KEY = re.compile(r"\bcb_[0-9a-f]{32}_[!-~]+")
_HIDDEN = "(hidden by Callboard)"
# A browser sends these with every request to Callboard, including this one. Readers of the inbox
# must not be able to reuse them.
_OF_BROWSERS = frozenset({"cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """target: path and query. headers: in order. body: at least its first KEPT_BYTES. size: bytes
    of the full body. whole: whether `body` is complete. address: of the client."""

    method: str
    target: str
    protocol: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    size: int
    whole: bool
    address: str | None


def manner_of(inbox: TestInbox) -> ResponseSettings:
    return ResponseSettings(inbox.name, inbox.status, inbox.delay_ms, inbox.failure_percent)


def reply_to(inbox: TestInbox) -> Reply:
    """Choose the response to one request."""
    return reply_of(manner_of(inbox), random.random())  # noqa: S311 - no secret depends on it


def keep(inbox: TestInbox, request: Arrived, reply: Reply) -> str:
    """Store a request with its response, and delete all but the newest MAX_KEPT. Returns its id.
    NotFound: the inbox was deleted meanwhile."""
    now, named = now_ms(), {name.lower(): value for name, value in request.headers}
    sender = _sender(inbox.organization_id, named, now)
    signature = judge(sender, request, named, now)
    ours = sender is not None
    secret_names = sealing.secret_header_names(sender) if sender else CREDENTIALS
    with write_transaction() as session:
        if not _counted(session, inbox.id, now):
            raise NotFound
        # Created under the lock of the inbox's row, so that ids follow the order of arrival.
        id_ = new_id()
        session.add(
            TestInboxRequest(
                id=id_,
                organization_id=inbox.organization_id,
                catcher_id=inbox.id,
                received_at=now,
                method=request.method[:40],
                target=_text(request.target)[:4096],
                event_type=_text(named.get("x-callboard-event-type", ""))[:128] or None,
                head=sealing.sealed_headers(_head(request), secret_names, runtime().vault.seal),
                body=request.body[:KEPT_BYTES],
                bytes=request.size,
                remote_address=(request.address or "")[:45] or None,
                signature=signature,
                webhook_id=sender.id if sender else None,
                delivery_id=canonical_id(named.get("x-callboard-delivery-id")) if ours else None,
                status=reply.status,
                why=reply.why,
            )
        )
        session.flush()
        _drop_older(session, inbox.id)
    return id_


def judge(sender: WebhookFacts | None, request: Arrived, named: Mapping[str, str], now: int) -> str:
    """Verify the signature like a receiver: valid, wrong, none, unknown or unchecked.

    named: headers by lower-case name. Verified on arrival, because later the timestamp is too old
    and the secret may have been rotated."""
    header, scheme = "webhook-signature", STANDARD
    if sender is not None:
        scheme = sender.signature_scheme
        header = header_of(scheme, sender.signature_header).lower()
    signature = named.get(header)
    if not signature:
        return "none"
    if sender is None or not sender.secrets:
        return "unknown"
    is_query = request.method in QUERY_METHODS
    if not is_query and not request.whole:
        return "unchecked"
    signed = request.target.partition("?")[2].encode() if is_query else request.body
    proof = (signature, named, signed)
    valid = any(verify(scheme, secret, *proof, now=now // 1000) for secret in sender.secrets)
    return "valid" if valid else "wrong"


def _sender(organization_id: str, named: Mapping[str, str], now: int) -> WebhookFacts | None:
    """The webhook that the request names. With undecryptable secrets: without them."""
    webhook = test_inbox_queries.sender(organization_id, named.get("x-callboard-webhook-id"))
    if webhook is None:
        return None
    try:
        return facts_from_row(webhook.columns(), runtime().vault, now)
    except InvalidToken:
        return facts_from_row(webhook.columns(), None, now)


def too_busy(reply: Reply) -> Reply:
    """The response when too many delayed responses are waiting."""
    return replace(reply, status=503, why="busy", delay_seconds=0)


def _head(request: Arrived) -> bytes:
    lines = [f"{request.method} {request.target} {request.protocol}"]
    lines += [f"{name}: {_shown(name, value)}" for name, value in request.headers]
    head = "\r\n".join(lines).encode("latin-1", "replace")
    if len(head) > KEPT_HEAD:
        head = head[:KEPT_HEAD].rpartition(b"\r\n")[0] or head[:KEPT_HEAD]
    return head + b"\r\n\r\n"


def _shown(name: str, value: str) -> str:
    """Hide credentials of Callboard itself, because every member can read requests here."""
    if name.lower() in _OF_BROWSERS:
        return _HIDDEN
    if value[:6].lower() == "basic " and _is_our_pair(value[6:]):
        return f"Basic {_HIDDEN}"
    platform_key = runtime().settings.platform_api_key
    if platform_key and platform_key in value:
        return _HIDDEN
    return _KEY.sub(_HIDDEN, value)


def _is_our_pair(encoded: str) -> bool:
    """Whether it looks like the id and secret of an API key."""
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
        .offset(MAX_KEPT)
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        delete(TestInboxRequest).where(
            TestInboxRequest.catcher_id == catcher_id, TestInboxRequest.id <= oldest
        )
    )
