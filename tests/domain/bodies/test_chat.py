"""Messages for chats: the body that each service gets, and that it stays within its limits."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.bodies.formats import BodySpec, render
from app.domain.bodies.messages import message_of
from app.domain.event_types.names import NOTICE_TYPES, SAMPLES
from app.domain.events.event import EventFacts

AT = 1771934400000
CARD = "application/vnd.microsoft.card.adaptive"
CHATS = ("slack", "discord", "teams")
LINK = "https://callboard.example.com/webhooks/0198c9f5-0b60-7e5c-9db9-81321ffe31d5"


def event(type_: str, payload: object = None, source: str | None = None) -> EventFacts:
    document = SAMPLES[type_].payload if payload is None else payload
    return EventFacts("0198", type_, source, AT, json.dumps(document).encode())


def sent(format_: str, *about, **more):
    body = render(BodySpec(format_), event(*about, **more))
    assert body.content_type == "application/json"
    return json.loads(body.content)


def test_slack_gets_blocks_and_a_text_for_notifications():
    assert sent("slack", "webhook.failing") == {
        "text": "🔴 Encoder is failing: Connection refused. Check that the receiver is running and"
        " listens on the port in the URL.",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "🔴 Encoder is failing"}},
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": "Connection refused. Check that the receiver is running and listens on"
                    " the port in the URL.",
                    "verbatim": True,
                },
            },
            {
                "type": "section",
                "fields": [
                    {"type": "mrkdwn", "text": "*Host*\ne.example.com", "verbatim": True},
                    {
                        "type": "mrkdwn",
                        "text": "*Since*\n24 Feb 2026, 11:52 UTC",
                        "verbatim": True,
                    },
                ],
            },
            {
                "type": "context",
                "elements": [
                    {
                        "type": "mrkdwn",
                        "text": f"<{LINK}|Open in Callboard>  ·  2026-02-24 12:00 UTC",
                        "verbatim": True,
                    }
                ],
            },
        ],
        "unfurl_links": False,
    }


def test_discord_gets_a_content_and_an_embed():
    assert sent("discord", "webhook.digest") == {
        "content": "🔴 **Encoder is failing**",
        "embeds": [
            {
                "description": "Connection refused. Check that the receiver is running and listens"
                f" on the port in the URL.\n[Open in Callboard](<{LINK}>)",
                "color": 0xCF352B,
                "fields": [
                    {"name": "Webhook failing", "value": "1", "inline": True},
                    {"name": "Delivery failed", "value": "812", "inline": True},
                    {"name": "Host", "value": "e.example.com", "inline": True},
                    {"name": "Since", "value": "24 Feb 2026, 11:52 UTC", "inline": True},
                ],
                "timestamp": "2026-02-24T12:00:00.000Z",
            }
        ],
        "allowed_mentions": {"parse": []},
    }


def test_teams_gets_an_adaptive_card():
    assert sent("teams", "webhook.recovered") == {
        "type": "message",
        "attachments": [{"contentType": CARD, "contentUrl": None, "content": RECOVERED_CARD}],
    }


RECOVERED_CARD = {
    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
    "type": "AdaptiveCard",
    "version": "1.4",
    "body": [
        {
            "type": "TextBlock",
            "text": "Encoder recovered",
            "weight": "Bolder",
            "size": "Medium",
            "color": "Good",
            "wrap": True,
        },
        {"type": "TextBlock", "text": "Deliveries succeed again.", "wrap": True},
        {
            "type": "FactSet",
            "facts": [
                {"title": "Host", "value": "e.example.com"},
                {"title": "Since", "value": "24 Feb 2026, 12:07 UTC"},
            ],
        },
        {
            "type": "TextBlock",
            "text": "2026-02-24 12:00 UTC",
            "isSubtle": True,
            "size": "Small",
        },
    ],
    "actions": [{"type": "Action.OpenUrl", "title": "Open in Callboard", "url": LINK}],
}


@pytest.mark.parametrize(
    ("type_", "title", "level"),
    [
        ("webhook.disabled", "Encoder was disabled", "bad"),
        ("webhook.failing", "Encoder is failing", "bad"),
        ("webhook.recovered", "Encoder recovered", "good"),
        ("delivery.failed", "A delivery to Encoder failed", "warning"),
        ("webhook.digest", "Encoder is failing", "bad"),
        ("callboard.test", "callboard.test", "neutral"),
        ("encoding.finished", "encoding.finished", "neutral"),
    ],
)
def test_each_event_has_a_title_and_a_level(type_, title, level):
    message = message_of(event(type_))
    assert (message.title, message.level) == (title, level)


@pytest.mark.parametrize(
    ("counts", "last", "title", "level"),
    [
        ({"delivery.failed": 7}, None, "7 deliveries to Encoder failed", "warning"),
        (
            {"webhook.failing": 1, "webhook.recovered": 1},
            "webhook.recovered",
            "Encoder failed and recovered",
            "good",
        ),
        ({"webhook.disabled": 1}, "webhook.disabled", "Encoder was disabled", "bad"),
    ],
)
def test_a_digest_says_what_happened_last(counts, last, title, level):
    payload = {"webhook": {"name": "Encoder"}, "counts": counts, "last": last}
    message = message_of(event("webhook.digest", payload))
    assert (message.title, message.level) == (title, level)


def test_a_webhook_without_a_name_is_called_by_its_host_without_secrets():
    payload = {"webhook": {"name": None, "url": "https://u:pw@e.com/s3cret?key=s3cret"}}
    message = message_of(event("webhook.failing", payload))
    assert message.title == "e.com is failing"
    assert "s3cret" not in str(message)


def test_other_events_show_their_scalar_fields():
    payload = {"message": "Done.", "id": 7, "ok": True, "none": None, "tags": ["a"], "n": "x\ny"}
    message = message_of(event("job.done", payload, source="camera-1"))
    assert (message.title, message.text) == ("job.done", "Done.")
    assert message.facts == (("Source", "camera-1"), ("id", "7"), ("ok", "true"), ("n", "x y"))


@pytest.mark.parametrize("type_", sorted(NOTICE_TYPES))
@pytest.mark.parametrize("payload", [{}, {"webhook": 1}, {"webhook": {}, "since": "never"}])
def test_a_system_event_of_another_shape_is_still_shown(type_, payload):
    assert message_of(event(type_, payload)).title


def test_nobody_is_mentioned_and_no_markup_is_read():
    name = "<!channel> @everyone **b** [x](https://evil.example.com) `c`"
    payload = {"webhook": {"name": name}, "link": "javascript:alert(1)"}
    about = ("webhook.failing", payload)
    slack = sent("slack", *about)
    assert "<!" not in slack["text"]
    # Slack reads no markup in a header.
    assert slack["blocks"][0]["text"]["type"] == "plain_text"
    assert "<!" not in json.dumps(slack["blocks"][1:])
    discord = sent("discord", *about)
    assert discord["allowed_mentions"] == {"parse": []}
    assert r"\*\*b\*\* \[x\]\(https" in discord["content"]
    assert "javascript" not in json.dumps([slack, discord, sent("teams", *about)])


# Blank text is left out.
PART = st.text(alphabet="*_~`\\<&🔴é\n x", min_size=1).filter(str.strip)


# Each example is of some hundred kilobytes.
@settings(max_examples=25)
@given(name=st.text(min_size=1), part=PART)
def test_each_service_gets_no_more_than_it_takes(name, part):
    text = part * (500 // len(part) + 1)
    long = {f"{name} {number} {text}": text * 3 for number in range(30)}
    about = ("job.done", {"message": text * 9, **long})
    slack, discord, teams = (sent(format_, *about) for format_ in CHATS)
    header, section, fields = (block for block in slack["blocks"][:3])
    assert len(header["text"]["text"]) <= 150
    assert len(section["text"]["text"]) <= 3000
    assert len(fields["fields"]) <= 10
    assert all(len(field["text"]) <= 2000 for field in fields["fields"])
    (embed,) = discord["embeds"]
    assert len(discord["content"]) <= 2000
    assert len(embed["fields"]) <= 25
    pairs = [(field["name"], field["value"]) for field in embed["fields"]]
    assert all(0 < len(n) <= 256 and 0 < len(value) <= 1024 for n, value in pairs)
    assert len(embed["description"]) + sum(len(n) + len(value) for n, value in pairs) <= 6000
    assert len(json.dumps(teams, ensure_ascii=False).encode()) <= 28 << 10
