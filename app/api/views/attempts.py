"""An attempt as the API shows it: the bytes of both heads parted into lines and fields."""

import base64
from typing import Protocol

from app.api.schemas import responses as shapes
from app.domain.bodies.spec import Body
from app.domain.common.clock import iso
from app.domain.deliveries.causes import explain, what_to_do
from app.domain.deliveries.masking import NOTHING, Masker


class Record(Protocol):
    """What a stored attempt and the outcome of a check have in common."""

    started_at: int
    cause: str
    detail: str
    status: int | None
    request_head: bytes
    response_head: bytes | None
    response_body: bytes | None
    response_truncated: bool
    remote_address: str | None
    dns_us: int | None
    connect_us: int | None
    tls_us: int | None
    first_byte_us: int | None
    total_us: int


def attempt(
    record: Record, number: int, url: str, sent: Body | None, concealer: Masker = NOTHING
) -> shapes.Attempt:
    """sent: the delivery's body, when it is known; shown only if it has the length that this
    request said it had, as a webhook's format may have changed in between."""
    return shapes.Attempt(
        number=number,
        started_at=iso(record.started_at),
        url=concealer.url(url),
        status=record.status,
        cause=record.cause,
        explanation=explain(record.cause, record.status, record.detail),
        what_to_do=what_to_do(record.cause),
        request=_request(bytes(record.request_head), sent, concealer),
        response=_response(record),
        timings=shapes.Timings(
            dns_ms=_ms(record.dns_us),
            connect_ms=_ms(record.connect_us),
            tls_ms=_ms(record.tls_us),
            first_byte_ms=_ms(record.first_byte_us),
            total_ms=record.total_us / 1000,
        ),
        remote_address=record.remote_address,
    )


def _request(head: bytes, sent: Body | None, concealer: Masker) -> shapes.SentRequest:
    line, headers = parse_head(concealer.head(head))
    length = next((h.value for h in headers if h.name.lower() == "content-length"), "0")
    content = sent.content if sent else b""
    if length == "0":
        content = b""
    known = length == str(len(content))
    return shapes.SentRequest(line, headers, body(concealer.body(content)) if known else None)


def _response(record: Record) -> shapes.ReceivedResponse | None:
    if record.response_head is None:
        return None
    line, headers = parse_head(bytes(record.response_head))
    kept = bytes(record.response_body or b"")
    return shapes.ReceivedResponse(line, headers, body(kept), record.response_truncated)


def parse_head(head: bytes) -> tuple[str, list[shapes.Header]]:
    """The first line and the header fields, in order. Whatever a receiver sent can be shown: each
    byte that is not UTF-8 stands as the latin-1 character of its number."""
    text = _text(head)
    first, *rest = text.replace("\r\n", "\n").split("\n")
    headers = []
    for line in rest:
        if line.strip():
            name, _, value = line.partition(":")
            headers.append(shapes.Header(name.strip(), value.strip()))
    return first.strip(), headers


def body(content: bytes) -> shapes.Body:
    try:
        return shapes.Body(content.decode(), "utf-8", len(content))
    except UnicodeDecodeError:
        return shapes.Body(base64.b64encode(content).decode(), "base64", len(content))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _ms(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
