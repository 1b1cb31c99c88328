"""An attempt as the API shows it: both heads split into lines and header fields."""

import base64
from typing import Protocol

from app.api.schemas import attempts as attempt_schemas
from app.api.schemas import responses as schemas
from app.domain.bodies.spec import Body
from app.domain.common.clock import iso
from app.domain.deliveries.causes import explain, what_to_do
from app.models import Attempt, Delivery, Webhook
from app.services.deliveries.sent_requests import OPENED, Reader
from app.services.deliveries.sent_requests import reader as reader_of


class Record(Protocol):
    """What a stored attempt and the outcome of a test send have in common."""

    started_at: int
    cause: str
    detail: str
    status: int | None
    response_head: bytes | None
    response_body: bytes | None
    response_truncated: bool
    remote_address: str | None
    dns_us: int | None
    connect_us: int | None
    tls_us: int | None
    first_byte_us: int | None
    total_us: int

    @property
    def request_head(self) -> bytes: ...


def attempt(
    record: Record, number: int, url: str, sent: Body | None, reader: Reader = OPENED
) -> schemas.Attempt:
    """sent: the delivery's body as rendered now. It is shown only if its length equals the
    request's Content-Length, because the webhook's body format may have changed since."""
    return schemas.Attempt(
        number=number,
        started_at=iso(record.started_at),
        url=reader.url(url),
        status=record.status,
        cause=record.cause,
        explanation=explain(record.cause, record.status, record.detail),
        what_to_do=what_to_do(record.cause),
        request=_request(bytes(record.request_head), sent, reader),
        response=_response(record),
        timings=_timings(record),
        remote_address=record.remote_address,
    )


def listed_attempt(
    attempt: Attempt, delivery: Delivery, webhook: Webhook | None
) -> attempt_schemas.ListedAttempt:
    """Without headers and bodies, and as everybody may see it."""
    return attempt_schemas.ListedAttempt(
        delivery_id=delivery.id,
        number=attempt.number,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        # A one-off callback's hidden webhook is never shown.
        webhook_id=delivery.webhook_id if delivery.url is None else None,
        started_at=iso(attempt.started_at),
        url=reader_of(webhook, shows_secrets=False).url(attempt.url),
        status=attempt.status,
        cause=attempt.cause,
        explanation=explain(attempt.cause, attempt.status, attempt.detail),
        timings=_timings(attempt),
        remote_address=attempt.remote_address,
        is_test=delivery.is_test,
    )


def _timings(record: Record) -> schemas.Timings:
    return schemas.Timings(
        dns_ms=_ms(record.dns_us),
        connect_ms=_ms(record.connect_us),
        tls_ms=_ms(record.tls_us),
        first_byte_ms=_ms(record.first_byte_us),
        total_ms=record.total_us / 1000,
    )


def _request(head: bytes, sent: Body | None, reader: Reader) -> schemas.SentRequest:
    request_line, headers = parse_head(reader.head(head))
    length = next((h.value for h in headers if h.name.lower() == "content-length"), "0")
    recorded = sent.content if sent and length != "0" else b""
    is_same = length == str(len(OPENED.body(recorded)))
    shown = body(reader.body(recorded)) if is_same else None
    return schemas.SentRequest(request_line, headers, shown)


def _response(record: Record) -> schemas.ReceivedResponse | None:
    if record.response_head is None:
        return None
    status_line, headers = parse_head(bytes(record.response_head))
    content = body(bytes(record.response_body or b""))
    return schemas.ReceivedResponse(status_line, headers, content, record.response_truncated)


def parse_head(head: bytes) -> tuple[str, list[schemas.Header]]:
    """The first line and the header fields, in order. A head that is not UTF-8 is decoded as
    latin-1, so that any bytes of a receiver can be shown."""
    first, *others = _text(head).replace("\r\n", "\n").split("\n")
    headers = []
    for text in others:
        if text.strip():
            name, _, value = text.partition(":")
            headers.append(schemas.Header(name.strip(), value.strip()))
    return first.strip(), headers


def body(content: bytes) -> schemas.Body:
    try:
        return schemas.Body(content.decode(), "utf-8", len(content))
    except UnicodeDecodeError:
        return schemas.Body(base64.b64encode(content).decode(), "base64", len(content))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _ms(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
