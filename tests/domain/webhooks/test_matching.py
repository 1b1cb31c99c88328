"""Which webhooks an event is for."""

import pytest

from app.domain.bodies.formats import BodySpec
from app.domain.event_types.names import PRODUCT_TYPES
from app.domain.webhooks.matching import choose
from tests.domain.facts import event, webhook

CALLBACK = '{"callback_id":1,"callback_value":"u","callback_format":"image"}'
ONLY_STARTED = frozenset({"encoding.started"})


@pytest.mark.parametrize(
    ("hook", "happened"),
    [
        (webhook(), event()),
        (webhook(event_types=ONLY_STARTED), event()),
        (webhook(sources=frozenset({"a", "b"})), event(source="b")),
        (webhook(filter="payload.n > `1`"), event('{"n": 2}')),
        (webhook(filter="payload.n"), event('{"n": 0}')),
        (webhook(filter="type == 'encoding.started' && !source"), event()),
        (webhook("form_callback"), event(CALLBACK)),
        (webhook("form_callback"), event(CALLBACK.replace("image", "v\\u0069deo"))),
        (webhook("form_callback"), event(CALLBACK.replace('"u"', '["", "u"]'))),
        (webhook("form_callback", event_types=ONLY_STARTED), event()),
        (webhook("live_channel"), event()),
        (webhook("form_callback", body=BodySpec("standard")), event()),
        (webhook(event_types=frozenset({"render.queued"})), event(type_="render.queued")),
    ],
)
def test_a_webhook_that_accepts_the_event_is_matched(hook, happened):
    assert choose(hook, happened) is None


@pytest.mark.parametrize(
    ("hook", "happened", "reason", "detail"),
    [
        (webhook(event_types=ONLY_STARTED), event(type_="x"), "event_type", "encoding.started"),
        (webhook(sources=frozenset({"a"})), event(source="b"), "source", "the event has b"),
        (webhook(sources=frozenset({"a"})), event(), "source", "the event has none"),
        (webhook(filter="payload.n > `1`"), event('{"n": 1}'), "filter", "payload.n > `1`"),
        (webhook(filter="length(payload.n)"), event('{"n": 1}'), "filter", "failed"),
        (webhook(filter="payload.n"), event('{"n":%s}' % ("1" * 5000)), "filter", "be parsed"),
        (webhook("form_callback"), event('{"callback_format":"v"}'), "field", "callback_value"),
        (webhook("form_callback"), event('{"callback_value":"v"}'), "field", "callback_format"),
        (webhook(body=BodySpec("form_callback")), event(), "field", "callback_value"),
        (
            webhook("form_callback"),
            event('{"callback_value":null,"callback_format":"v"}'),
            "field",
            "callback_value",
        ),
        *(
            (webhook("form_callback"), event(CALLBACK.replace(there, other)), "field", detail)
            for there, other, detail in [
                ('"callback_id":1,', "", "no callback_id"),
                ('"callback_id":1', '"callback_id":null', "no callback_id"),
                ("image", "audio", "'audio', neither image nor video"),
                ('"image"', '["image"]', "neither image nor video"),
                ('"u"', '""', "callback_value is empty"),
                ('"u"', "[]", "callback_value is empty"),
                ('"u"', '["", " "]', "callback_value is empty"),
            ]
        ),
        (webhook(is_active=False), event(), "inactive", "paused"),
    ],
)
def test_the_reason_for_not_matching_is_returned(hook, happened, reason, detail):
    refusal = choose(hook, happened)
    assert refusal is not None
    assert refusal.reason == reason
    assert detail in refusal.detail


@pytest.mark.parametrize("type_", sorted(PRODUCT_TYPES))
def test_all_event_types_never_include_system_events(type_):
    refusal = choose(webhook(), event(type_=type_))
    assert refusal is not None
    assert refusal.reason == "event_type"


def test_inactive_is_the_reason_only_if_everything_else_matches():
    hook = webhook(is_active=False, event_types=ONLY_STARTED, filter="payload.no")
    assert choose(hook, event(type_="x")).reason == "event_type"
    assert choose(hook, event()).reason == "filter"
    assert choose(hook, event('{"no":1}')).reason == "inactive"
