"""Present a delivery's attempts: waits, timings, requests and responses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.deliveries import causes
from app.models import Attempt
from app.services.deliveries.sent_requests import OPENED, Reader
from app.web.common.rendering import formats
from app.web.deliveries import curl, exchange

AUTHORITY_END = re.compile(r"[/?#]")


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of an attempt's time. x, width: thousandths of the total. us: microseconds."""

    name: str
    label: str
    us: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Detail:
    """An opened attempt. request, response: None if nothing was sent or received. body_known: the
    body as it was sent can be shown. curl: None without that body, since it would be a different
    request. body_file: the file from which curl reads a body that is too long to paste. masked:
    secrets are hidden. revealed: they are shown."""

    phases: list[Phase]
    request: exchange.Message | None
    response: exchange.Message | None
    body_known: bool
    curl: str | None
    body_file: str | None
    masked: bool
    revealed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The summary of one attempt. waited: seconds since the previous one ended, None for the first.
    length: 0 to 10, the drawn length of that wait. title: the status, or the failure reason."""

    attempt: Attempt
    succeeded: bool
    title: str
    sentence: str
    what_to_do: str
    ours: bool
    waited: float | None
    length: int


def steps(attempts: Sequence[Attempt]) -> list[Step]:
    """In the order of the attempts, the first one first."""
    pairs = pairwise([None, *attempts])
    return [step(attempt, previous) for previous, attempt in pairs if attempt]


def step(attempt: Attempt, previous: Attempt | None = None) -> Step:
    waited = None
    if previous is not None:
        ended = previous.started_at + previous.total_us // 1000
        waited = max(0, attempt.started_at - ended) / 1000
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


def detail(attempt: Attempt, body: bytes | None, reader: Reader) -> Detail:
    """body: the request body as recorded, or as it can be rendered now, or None. The webhook may
    have changed since the attempt, so it is shown only if it has the length that was sent."""
    recorded = bytes(attempt.request_head or b"")
    length = content_length(recorded)
    content = OPENED.body(body) if body is not None else None
    known = length == 0 or (content is not None and len(content) == length)
    if body is None or content is None or not (known and length):
        body = content = b""
    head, shown = reader.head(recorded), reader.body(body)
    request = exchange.message(head, shown, length=len(content)) if recorded else None
    file = f"{attempt.delivery_id}.body"
    return Detail(
        phases=phases(attempt),
        request=request,
        response=_response(attempt),
        body_known=known,
        curl=_curl(attempt, request, shown, file, reader) if request and known else None,
        body_file=file if known and curl.needs_file(content) else None,
        masked=(head, shown) != (OPENED.head(recorded), content),
        revealed=reader is OPENED,
    )


def content_length(head: bytes) -> int:
    """Content-Length of the request; 0 if there is none."""
    value = exchange.header(exchange.parsed_head(head)[1], "content-length")
    return int(value) if value.isascii() and value.isdigit() else 0


def _curl(
    attempt: Attempt, request: exchange.Message, body: bytes, file: str, reader: Reader
) -> str:
    method, _, rest = request.line.partition(" ")
    target = rest.partition(" ")[0]
    url = reader.url(attempt.url)
    if target.startswith("/"):
        # The path as it was sent: the stored URL has no query parameters that were added to it.
        scheme, _, rest = url.partition("://")
        url = f"{scheme}://{AUTHORITY_END.split(rest, maxsplit=1)[0]}{target}"
    return curl.command(method, url, request.headers, body, file)


def _response(attempt: Attempt) -> exchange.Message | None:
    if attempt.response_head is None:
        return None
    truncated = attempt.response_truncated
    return exchange.message(attempt.response_head, attempt.response_body, truncated)


def title(status: int | None, cause: str | None) -> str:
    """`503 Service Unavailable`, or the failure reason where no response came."""
    return causes.title_of(cause or "") if status is None else causes.status_words(status)


def phases(attempt: Attempt) -> list[Phase]:
    """The known parts of the total time, in order."""
    measured = [
        ("dns", "DNS lookup", attempt.dns_us),
        ("connect", "Connect", attempt.connect_us),
        ("tls", "TLS", attempt.tls_us),
    ]
    parts = [(name, label, us) for name, label, us in measured if us]
    spent = sum(us for _, _, us in parts)
    # Measured from the start of the attempt.
    first = attempt.first_byte_us
    if first is None:
        parts.append(("wait", "Waiting", max(0, attempt.total_us - spent)))
    else:
        first = max(first, spent)
        parts.append(("wait", "Waiting (TTFB)", first - spent))
        parts.append(("read", "Download", max(0, attempt.total_us - first)))
    return _laid_out([part for part in parts if part[2]], max(1, attempt.total_us))


def _laid_out(parts: list[tuple[str, str, int]], total: int) -> list[Phase]:
    phases, x = [], 0.0
    for name, label, us in parts:
        width = us * 1000 / total
        phases.append(Phase(name, label, us, round(x, 1), round(width, 1)))
        x += width
    return phases
