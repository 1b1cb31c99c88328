"""The fingerprint of an event: what makes two posts the same one."""

from dataclasses import replace

import pytest

from app.domain.events.event import EventDraft, fingerprint

DRAFT = EventDraft("a", b'{"x":1}', source="s", merge=(("f", "r"),))


def test_the_same_event_has_the_same_fingerprint_of_32_bytes():
    assert fingerprint(DRAFT) == fingerprint(replace(DRAFT))
    assert len(fingerprint(DRAFT)) == 32


def test_the_idempotency_key_is_not_part_of_the_fingerprint():
    assert fingerprint(replace(DRAFT, producer_id="k")) == fingerprint(DRAFT)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "b"},
        {"payload": b'{"x": 1}'},
        {"source": None},
        {"source": ""},
        {"occurred_at": 0},
        {"callback": "s"},
        {"callback_preset": "render"},
        {"merge": ()},
        {"merge": (("fr", ""),)},
        {"merge": (("f", "r"), ("f", "r"))},
        {"ordering_key": "s"},
        {"source": None, "callback": "s"},
        {"type": 'a7;{"x":1}', "payload": b""},
    ],
)
def test_each_field_changes_the_fingerprint(change):
    assert fingerprint(replace(DRAFT, **change)) != fingerprint(DRAFT)
