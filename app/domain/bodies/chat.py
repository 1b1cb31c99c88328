"""Body formats slack, discord and teams: a readable message in the shape of each chat service.

No text of a tenant is read as markup, and none mentions anybody. The lengths of `messages` keep
each service's limits: Slack 150 characters in a header and 3,000 in a section; Discord 2,000 in
the content, 1,024 in a field and 6,000 in an embed; Teams 28 KB in all.
"""

import re
from collections.abc import Iterable

from app.domain.bodies.messages import (
    BAD,
    GOOD,
    MAX_NAME,
    MAX_TEXT,
    MAX_TITLE,
    MAX_VALUE,
    NEUTRAL,
    WARNING,
    Message,
    cut,
    message_of,
)
from app.domain.bodies.spec import Body, BodySpec
from app.domain.common.clock import iso
from app.domain.common.form_encoding import JSON
from app.domain.common.json_text import compact_json
from app.domain.events.event import EventFacts

OPEN = "Open in Callboard"
_SIGNS = {BAD: "🔴", WARNING: "🟠", GOOD: "🟢", NEUTRAL: "🔵"}
_DISCORD_COLORS = {BAD: 0xCF352B, WARNING: 0xC27C06, GOOD: 0x1F8A56, NEUTRAL: 0x3559D6}
_TEAMS_COLORS = {BAD: "Attention", WARNING: "Warning", GOOD: "Good", NEUTRAL: "Accent"}
_CARD = "application/vnd.microsoft.card.adaptive"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<@-])")


def slack(_: BodySpec, event: EventFacts) -> Body:
    """An incoming webhook's message with blocks; `text` is what notifications show."""
    message = message_of(event)
    title = f"{_SIGNS[message.level]} {message.title}"
    blocks: list[object] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(title, MAX_TITLE)}}
    ]
    if message.text:
        blocks.append({"type": "section", "text": _mrkdwn(_entities(message.text))})
    if message.facts:
        pairs = [f"*{_entities(n, MAX_NAME)}*\n{_entities(v, MAX_VALUE)}" for n, v in message.facts]
        blocks.append({"type": "section", "fields": [_mrkdwn(pair) for pair in pairs]})
    link = f"<{_entities(message.link)}|{OPEN}>  ·  " if message.link else ""
    blocks.append({"type": "context", "elements": [_mrkdwn(link + _when(message))]})
    summary = f"{_entities(title)}: {_entities(message.text)}" if message.text else _entities(title)
    return _json({"text": summary, "blocks": blocks, "unfurl_links": False})


def _mrkdwn(text: str) -> dict[str, object]:
    # verbatim: Slack makes no links and mentions of words.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _entities(text: str, length: int = MAX_TEXT) -> str:
    return _fitted((_ENTITIES.get(character, character) for character in text), length)


def discord(_: BodySpec, event: EventFacts) -> Body:
    """A webhook's message with one embed."""
    message = message_of(event)
    title = _escaped(message.title, MAX_TITLE)
    text = _escaped(message.text, MAX_TEXT)
    lines = [text, f"[{OPEN}](<{message.link}>)" if message.link else ""]
    embed = {
        "description": "\n".join(line for line in lines if line),
        "color": _DISCORD_COLORS[message.level],
        "fields": [
            {
                "name": _escaped(name, MAX_NAME),
                "value": _escaped(value, MAX_VALUE),
                "inline": len(value) <= 40,
            }
            for name, value in message.facts
        ],
        "timestamp": iso(message.at),
    }
    content = f"{_SIGNS[message.level]} **{title}**"
    return _json({"content": content, "embeds": [embed], "allowed_mentions": {"parse": []}})


def teams(_: BodySpec, event: EventFacts) -> Body:
    """An adaptive card as the Workflows trigger "When a Teams webhook request is received" takes
    it."""
    message = message_of(event)
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": _teams_body(message),
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": OPEN, "url": message.link}]
    attachment = {"contentType": _CARD, "contentUrl": None, "content": card}
    return _json({"type": "message", "attachments": [attachment]})


def _teams_body(message: Message) -> list[object]:
    title = {
        "type": "TextBlock",
        "text": _escaped(message.title, MAX_TITLE),
        "weight": "Bolder",
        "size": "Medium",
        "color": _TEAMS_COLORS[message.level],
        "wrap": True,
    }
    body: list[object] = [title]
    if message.text:
        text = _escaped(message.text, MAX_TEXT)
        body.append({"type": "TextBlock", "text": text, "wrap": True})
    facts = [
        {"title": _escaped(name, MAX_NAME), "value": _escaped(value, MAX_VALUE)}
        for name, value in message.facts
    ]
    if facts:
        body.append({"type": "FactSet", "facts": facts})
    when = {"type": "TextBlock", "text": _when(message), "isSubtle": True, "size": "Small"}
    return [*body, when]


def _escaped(text: str, length: int) -> str:
    """So that Markdown shows the characters as they are."""
    return _fitted((_MARKDOWN.sub(r"\\\1", character) for character in text), length)


def _fitted(escaped: Iterable[str], length: int) -> str:
    """Join escaped characters to at most `length`, without splitting one of them."""
    pieces, used = [], 0
    for piece in escaped:
        used += len(piece)
        pieces.append(piece)
        if used > length:
            while used >= length:
                used -= len(pieces.pop())
            return f"{''.join(pieces)}…"
    return "".join(pieces)


def _when(message: Message) -> str:
    text = iso(message.at)
    return f"{text[:10]} {text[11:16]} UTC"


def _json(document: object) -> Body:
    return Body(JSON, compact_json(document))
