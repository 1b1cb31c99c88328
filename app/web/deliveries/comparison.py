"""Compare two attempts of a delivery: results, requests and responses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import request

from app.domain.deliveries.differences import Difference, Differences, Line, of_lines, of_pairs
from app.domain.deliveries.json_differences import of_json
from app.models import Attempt
from app.queries.deliveries import attempts as attempt_queries
from app.queries.deliveries.listing import DeliveryRow
from app.services.deliveries.sent_requests import OPENED, Reader
from app.web.common.rendering import formats
from app.web.deliveries import attempts, exchange
from app.web.deliveries.attempts import Step

MAX_NUMBER = (1 << 31) - 1
HOW = "Name two different attempts of this delivery, such as ?compare=1,2."


@dataclass(frozen=True, slots=True)
class BodyComparison:
    """sentence: what is equal or different as a whole. fields, lines: None where the bodies can't
    be compared that way, or are equal."""

    sentence: str
    fields: Differences | None = None
    lines: list[Line] | None = None


@dataclass(frozen=True, slots=True)
class MessageComparison:
    """Of two requests or two responses. missing: a sentence if one of them does not exist."""

    title: str
    missing: str = ""
    line: Difference | None = None
    headers: Differences | None = None
    body: BodyComparison | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """problem: why there is none, in words. facts: name, before, after of what is not part of a
    message. messages: request, response."""

    problem: str = ""
    before: Step | None = None
    after: Step | None = None
    facts: Sequence[tuple[str, str, str]] = ()
    messages: Sequence[MessageComparison] = ()


def of_request(row: DeliveryRow, reader: Reader, resends: Collection[int]) -> Comparison | None:
    """What `?compare=1,3`, or `?compare=1&compare=3` of the form, asks for; None without it.

    resends: numbers of the attempts before which the delivery was resent.
    """
    values = request.args.getlist("compare")
    if not values:
        return None
    texts = [text.strip() for value in values[:2] for text in value[:50].split(",")]
    is_valid = len(texts) == 2 and all(t.isascii() and t.isdigit() and len(t) < 12 for t in texts)
    numbers = sorted(min(int(text), MAX_NUMBER) for text in texts) if is_valid else []
    if len(set(numbers)) != 2:
        return Comparison(HOW)
    stored = []
    for number in numbers:
        attempt = attempt_queries.get(row.delivery.organization_id, row.id, number)
        if attempt is None:
            return Comparison(f"This delivery has no attempt {number}. {HOW}")
        stored.append(attempt)
    is_resent = any(numbers[0] < number <= numbers[1] for number in resends)
    are_all_known = len(resends) < attempt_queries.SHOWN
    before, after = stored
    return compared(before, after, reader, is_one_run=are_all_known and not is_resent)


def compared(before: Attempt, after: Attempt, reader: Reader, *, is_one_run: bool) -> Comparison:
    """reader: shows the parts of requests that the reader may see. Hidden ones are compared, too:
    the page says that they differ, not how. is_one_run: not resent in between."""
    first, second = attempts.step(before), attempts.step(after)
    return Comparison(
        before=first,
        after=second,
        facts=_facts(first, second, reader),
        messages=(_requests(before, after, reader, is_one_run), _responses(before, after)),
    )


def _facts(first: Step, second: Step, reader: Reader) -> list[tuple[str, str, str]]:
    before, after = first.attempt, second.attempt
    rows = [
        ("Result", first.title, second.title),
        ("URL", reader.url(before.url), reader.url(after.url)),
        ("Address", before.remote_address or "none", after.remote_address or "none"),
        ("Total time", formats.duration(before.total_us), formats.duration(after.total_us)),
    ]
    phases = {phase.name: (phase.label, phase.us) for phase in attempts.phases(before)}
    later = {phase.name: (phase.label, phase.us) for phase in attempts.phases(after)}
    for name in dict.fromkeys((*phases, *later)):
        label = (phases.get(name) or later[name])[0]
        first_time, second_time = (
            formats.duration(of[name][1]) if name in of else "none" for of in (phases, later)
        )
        rows.append((label, first_time, second_time))
    return rows


def _requests(
    before: Attempt, after: Attempt, reader: Reader, is_one_run: bool
) -> MessageComparison:
    heads = [bytes(attempt.request_head or b"") for attempt in (before, after)]
    if not all(heads):
        return MessageComparison("Request", _missing(heads, before, after, "No request was sent"))
    lengths = [attempts.content_length(head) for head in heads]
    opened, shown = [OPENED.head(h) for h in heads], [reader.head(h) for h in heads]
    body = BodyComparison(_sent_bodies(*lengths, is_one_run=is_one_run))
    return _message("Request", opened, shown, body)


def _sent_bodies(before: int, after: int, *, is_one_run: bool) -> str:
    """Only the body of the last run is kept. Retries send the body of its first attempt."""
    first, second = formats.size(before), formats.size(after)
    if before != after:
        return f"The bodies differ in length: {first} and {second}. Only the last one is kept."
    if not before:
        return "Neither has a body."
    if is_one_run:
        return f"The bodies are byte-identical, {first}: a retry sends the same body."
    return f"The bodies have the same length, {first}. Only the last one is kept."


def _responses(before: Attempt, after: Attempt) -> MessageComparison:
    heads = [attempt.response_head for attempt in (before, after)]
    if any(head is None for head in heads):
        return MessageComparison("Response", _missing(heads, before, after, "No response"))
    read = [bytes(head or b"") for head in heads]
    return _message("Response", read, read, _bodies(before, after))


def _missing(heads: Sequence[bytes | None], before: Attempt, after: Attempt, problem: str) -> str:
    numbers = [str(a.number) for a, head in zip((before, after), heads, strict=True) if not head]
    return f"{problem} in attempt {' and '.join(numbers)}."


def _message(
    title: str, heads: Sequence[bytes], shown: Sequence[bytes], body: BodyComparison
) -> MessageComparison:
    (line, pairs), (other_line, other_pairs) = (exchange.parsed_head(head) for head in heads)
    (shown_line, shown_pairs), (shown_other_line, shown_other) = map(exchange.parsed_head, shown)
    return MessageComparison(
        title,
        line=Difference("", shown_line, shown_other_line) if line != other_line else None,
        headers=of_pairs(pairs, other_pairs, shown_pairs, shown_other),
        body=body,
    )


def _bodies(before: Attempt, after: Attempt) -> BodyComparison:
    first, second = bytes(before.response_body or b""), bytes(after.response_body or b"")
    is_cut = before.response_truncated or after.response_truncated
    if first == second:
        if not first:
            return BodyComparison("Neither has a body.")
        what = "What is stored of both bodies is" if is_cut else "The bodies are"
        return BodyComparison(f"{what} byte-identical, {formats.size(len(first))}.")
    sizes = f"{formats.size(len(first))} and {formats.size(len(second))}"
    note = " Only the beginning of a long response is stored." if is_cut else ""
    texts = [_text(attempt) for attempt in (before, after)]
    if texts[0] is None or texts[1] is None:
        return BodyComparison(f"The bodies differ: {sizes}, not both text.{note}")
    fields = of_json(texts[0], texts[1])
    if fields is not None and not fields.total:
        words = "The bodies have the same JSON fields, but differ in white space, in the order of"
        return BodyComparison(f"{words} the fields, or in repeated ones: {sizes}.{note}")
    if fields is not None:
        return BodyComparison(f"The bodies differ: {sizes}.{note}", fields=fields)
    return BodyComparison(f"The bodies differ: {sizes}.{note}", lines=of_lines(*map(str, texts)))


def _text(attempt: Attempt) -> str | None:
    content = bytes(attempt.response_body or b"")
    headers = exchange.parsed_head(attempt.response_head)[1]
    kind = exchange.header(headers, "content-type").partition(";")[0].strip().lower()
    return exchange.decoded(content, kind, attempt.response_truncated)
