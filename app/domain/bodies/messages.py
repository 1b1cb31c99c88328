"""Say in a few lines what an event is about, for people who read it in a chat.

System events get sentences of their own, all other events their scalar fields. Everything is
bounded, and no text of a tenant keeps a line break.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from app.domain.common.json_text import fields_of, plain
from app.domain.deliveries.causes import explain, what_to_do
from app.domain.events.event import EventFacts
from app.domain.notifications import system_events as kinds

# The least that any of the services takes.
MAX_TITLE, MAX_TEXT, MAX_FACTS, MAX_NAME, MAX_VALUE = 150, 1000, 10, 60, 300

BAD, WARNING, GOOD, NEUTRAL = "bad", "warning", "good", "neutral"


@dataclass(frozen=True, slots=True)
class Message:
    """level: BAD, WARNING, GOOD or NEUTRAL. facts: names and values. link: the page in Callboard.
    at: milliseconds since the epoch."""

    title: str
    text: str
    facts: tuple[tuple[str, str], ...]
    level: str
    link: str | None
    at: int


class _Webhook(msgspec.Struct):
    name: str | None = None
    url: str | None = None


class _Subject(msgspec.Struct):
    id: str | None = None
    type: str | None = None
    attempts: int | None = None


class _Notice(msgspec.Struct):
    """What system events contain, as `domain.notifications.system_events.payload` writes it."""

    webhook: _Webhook
    delivery: _Subject | None = None
    event: _Subject | None = None
    reason: str | None = None
    cause: str | None = None
    status: int | None = None
    since: str | None = None
    link: str | None = None
    counts: dict[str, int] = {}
    last: str | None = None

    @property
    def name(self) -> str:
        return self.webhook.name or self.host or "A webhook"

    @property
    def host(self) -> str:
        """Without path and query, which may contain secrets."""
        try:
            return urlsplit(self.webhook.url or "").hostname or ""
        except ValueError:
            return ""


_NOTICE = msgspec.json.Decoder(_Notice)


def message_of(event: EventFacts) -> Message:
    """Raises ValueError if the payload is not an object."""
    compose = _SYSTEM.get(event.type)
    if compose is not None:
        try:
            return _bounded(compose(_NOTICE.decode(event.payload), event))
        except msgspec.ValidationError:
            # An event of that name from another producer.
            pass
    return _bounded(_other(event))


def _other(event: EventFacts) -> Message:
    facts = [("Source", event.source)] if event.source else []
    text = ""
    for name, raw in fields_of(event.payload).items():
        value = bytes(raw)
        if name == "message" and value[:1] == b'"':
            text = plain(value)
        elif value[:1] not in b"[{n" and len(facts) < MAX_FACTS:
            facts.append((name, plain(value)))
    return Message(event.type, text, tuple(facts), NEUTRAL, None, event.occurred_at)


def _disabled(notice: _Notice, event: EventFacts) -> Message:
    text = f"{notice.reason or 'All attempts failed.'} New events are skipped until it is enabled."
    return _about(notice, event, f"{notice.name} was disabled", text, BAD)


def _failing(notice: _Notice, event: EventFacts) -> Message:
    return _about(notice, event, f"{notice.name} is failing", _why(notice), BAD)


def _recovered(notice: _Notice, event: EventFacts) -> Message:
    text = "Deliveries succeed again."
    return _about(notice, event, f"{notice.name} recovered", text, GOOD)


def _failed(notice: _Notice, event: EventFacts) -> Message:
    message = _about(notice, event, f"A delivery to {notice.name} failed", _why(notice), WARNING)
    delivery, about = notice.delivery or _Subject(), notice.event or _Subject()
    facts = (
        ("Event type", about.type or ""),
        ("Attempts", "" if delivery.attempts is None else str(delivery.attempts)),
        ("Delivery", delivery.id or ""),
    )
    return replace(message, facts=(*message.facts, *facts))


def _digest(notice: _Notice, event: EventFacts) -> Message:
    counts = notice.counts
    title = kinds.subject(counts, notice.name, notice.last or "")
    level = BAD if counts.get(kinds.DISABLED) or counts.get(kinds.FAILING) else WARNING
    if notice.last == kinds.RECOVERED:
        level = GOOD
    message = _about(notice, event, title, _why(notice), level)
    numbers = tuple(
        (kind.title, str(counts[name])) for name, kind in kinds.KINDS.items() if counts.get(name)
    )
    return replace(message, facts=(*numbers, *message.facts))


_SYSTEM = {
    "webhook.disabled": _disabled,
    "webhook.failing": _failing,
    "webhook.recovered": _recovered,
    "delivery.failed": _failed,
    "webhook.digest": _digest,
}


def _why(notice: _Notice) -> str:
    if notice.reason:
        return notice.reason
    if not notice.cause:
        return ""
    return f"{explain(notice.cause, notice.status)} {what_to_do(notice.cause)}"


def _about(notice: _Notice, event: EventFacts, title: str, text: str, level: str) -> Message:
    facts = (("Host", notice.host), ("Since", _minute(notice.since)))
    return Message(title, text, facts, level, notice.link, event.occurred_at)


def _minute(since: str | None) -> str:
    """`24 Feb 2026, 11:52 UTC`, since a chat has readers in several time zones."""
    try:
        moment = datetime.fromisoformat(since or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def _bounded(message: Message) -> Message:
    named = [(n, v) for n, v in message.facts if n.strip() and v.strip()]
    facts = tuple((cut(name, MAX_NAME), cut(value, MAX_VALUE)) for name, value in named[:MAX_FACTS])
    link = message.link or ""
    return replace(
        message,
        title=cut(message.title, MAX_TITLE),
        text=cut(message.text, MAX_TEXT),
        facts=facts,
        link=link if len(link) <= MAX_VALUE and link.startswith(("https://", "http://")) else None,
    )


def cut(text: str, length: int) -> str:
    """On one line, of at most `length` characters."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
