"""A delivery's attempts as the steps of a story: what was waited for, sent and answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise

from app.domain import causes
from app.models import Attempt
from app.web import exchange, formats


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a request's time. x, width: thousandths of the whole; us: microseconds."""

    name: str
    label: str
    us: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Step:
    """One attempt. waited: seconds since the one before ended, None for the first; length: 0 to 10,
    how long that wait is drawn. title: the status with its phrase, or the cause in short."""

    attempt: Attempt
    succeeded: bool
    title: str
    sentence: str
    what_to_do: str
    ours: bool
    waited: float | None
    length: int
    phases: list[Phase]
    request: exchange.Message
    response: exchange.Message | None
    curl: str


def steps(attempts: Sequence[Attempt], body: bytes | None) -> list[Step]:
    """body: what every attempt carried; None when it can no longer be made."""
    return [_step(later, earlier, body) for earlier, later in pairwise([None, *attempts]) if later]


def _step(attempt: Attempt, earlier: Attempt | None, body: bytes | None) -> Step:
    waited = _waited(attempt, earlier)
    request = exchange.message(attempt.request_head, body)
    method = request.line.partition(" ")[0] or "POST"
    return Step(
        attempt=attempt,
        succeeded=attempt.cause == causes.OK,
        title=title(attempt.status, attempt.cause),
        sentence=causes.explain(attempt.cause, attempt.status, attempt.detail),
        what_to_do=causes.what_to_do(attempt.cause),
        ours=causes.is_ours(attempt.cause),
        waited=waited,
        length=0 if waited is None else formats.wait_step(waited),
        phases=phases(attempt),
        request=request,
        response=_response(attempt),
        curl=exchange.curl(method, attempt.url, request.headers, body or b""),
    )


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
    """`503 Service Unavailable`, or the cause's title."""
    if status is None:
        known = causes.CAUSES.get(cause or "")
        return known.title if known else (cause or "")
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


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
