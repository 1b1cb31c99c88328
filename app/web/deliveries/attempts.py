"""A delivery's attempts as the steps of a story: what was waited for, sent and answered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.deliveries import causes
from app.domain.deliveries.masking import NOTHING, Masker
from app.models import Attempt
from app.web.common import formats
from app.web.deliveries import curl, exchange

AUTHORITY_END = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a request's time. x, width: thousandths of the whole; us: microseconds."""

    name: str
    label: str
    us: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Detail:
    """What an attempt is when it is opened. request, response: None when nothing was sent, or came.
    body_known: whether the request's body can be shown; curl: None when it cannot, since it would
    be another request. body_file: under which name curl finds a body that is too long to paste.
    concealed: something of it is hidden until it is asked for; revealed: it was asked for."""

    phases: list[Phase]
    request: exchange.Message | None
    response: exchange.Message | None
    body_known: bool
    curl: str | None
    body_file: str | None
    concealed: bool
    revealed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The line of one attempt. waited: seconds since the one before ended, None for the first;
    length: 0 to 10, how long that wait is drawn. title: the status with its phrase, or the cause
    in short."""

    attempt: Attempt
    succeeded: bool
    title: str
    sentence: str
    what_to_do: str
    ours: bool
    waited: float | None
    length: int


def steps(attempts: Sequence[Attempt]) -> list[Step]:
    """From as many as are shown, the first one first."""
    return [_step(later, earlier) for earlier, later in pairwise([None, *attempts]) if later]


def step(attempt: Attempt) -> Step:
    """One by itself."""
    return _step(attempt, None)


def _step(attempt: Attempt, earlier: Attempt | None) -> Step:
    waited = _waited(attempt, earlier)
    return Step(
        attempt=attempt,
        succeeded=attempt.cause == causes.OK,
        title=title(attempt.status, attempt.cause),
        sentence=causes.explain(attempt.cause, attempt.status, attempt.detail),
        what_to_do=causes.what_to_do(attempt.cause),
        ours=causes.is_ours(attempt.cause),
        waited=waited,
        length=0 if waited is None else formats.wait_step(waited),
    )


def detail(attempt: Attempt, body: bytes | None, concealer: Masker | None) -> Detail:
    """body: what the delivery's attempts carry, as it can be made now; None when it cannot. The
    webhook may have changed since, so that it counts only if it is as long as what was sent.
    concealer: None to hide nothing."""
    raw = bytes(attempt.request_head or b"")
    length = content_length(raw)
    known = length == 0 or (body is not None and len(body) == length)
    content = body if known and length and body is not None else b""
    conceals = concealer or NOTHING
    head, shown = conceals.head(raw), conceals.body(content)
    request = exchange.message(head, shown, length=len(content)) if raw else None
    file = f"{attempt.delivery_id}.body"
    return Detail(
        phases=phases(attempt),
        request=request,
        response=_response(attempt),
        body_known=known,
        curl=_curl(attempt, request, shown, file, conceals) if request and known else None,
        body_file=file if known and curl.needs_file(content) else None,
        concealed=(head, shown) != (raw, content),
        revealed=concealer is None,
    )


def content_length(head: bytes) -> int:
    """Of the body that went with it; 0 for none."""
    found = exchange.header(exchange.parsed_head(head)[1], "content-length")
    return int(found) if found.isascii() and found.isdigit() else 0


def _curl(
    attempt: Attempt, request: exchange.Message, body: bytes, file: str, concealer: Masker
) -> str:
    method, _, rest = request.line.partition(" ")
    target = rest.partition(" ")[0]
    url = concealer.url(attempt.url)
    if target.startswith("/"):
        # As it went over the wire, on whatever host it was.
        scheme, _, after = url.partition("://")
        url = f"{scheme}://{AUTHORITY_END.split(after, maxsplit=1)[0]}{target}"
    return curl.command(method, url, request.headers, body, file)


def _waited(attempt: Attempt, earlier: Attempt | None) -> float | None:
    if earlier is None:
        return None
    ended = earlier.started_at + earlier.total_us // 1000
    return max(0, attempt.started_at - ended) / 1000


def _response(attempt: Attempt) -> exchange.Message | None:
    if attempt.response_head is None:
        return None
    truncated = attempt.response_truncated
    return exchange.message(attempt.response_head, attempt.response_body, truncated)


def title(status: int | None, cause: str | None) -> str:
    """`503 Service Unavailable`, or the failure reason where no response came."""
    return causes.title_of(cause or "") if status is None else causes.status_words(status)


def phases(attempt: Attempt) -> list[Phase]:
    """The parts of the time that are known, one after the other."""
    before = [
        ("dns", "Name look-up", attempt.dns_us),
        ("connect", "Connect", attempt.connect_us),
        ("tls", "TLS", attempt.tls_us),
    ]
    parts = [(name, label, us) for name, label, us in before if us]
    spent = sum(us for _, _, us in parts)
    # The first byte is counted from the start of the attempt.
    first = attempt.first_byte_us
    if first is None:
        parts.append(("wait", "Wait", max(0, attempt.total_us - spent)))
    else:
        first = max(first, spent)
        parts.append(("wait", "Wait for the answer", first - spent))
        parts.append(("read", "Read", max(0, attempt.total_us - first)))
    return _placed([part for part in parts if part[2]], max(1, attempt.total_us))


def _placed(parts: list[tuple[str, str, int]], total: int) -> list[Phase]:
    placed, x = [], 0.0
    for name, label, us in parts:
        width = us * 1000 / total
        placed.append(Phase(name, label, us, round(x, 1), round(width, 1)))
        x += width
    return placed
