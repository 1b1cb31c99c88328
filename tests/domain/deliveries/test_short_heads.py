"""A shortened head is the recorded one again when it is read."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.domain.deliveries.composing import Composer
from app.domain.deliveries.short_heads import expanded, shortened
from app.sending.http.request import write_out
from tests.domain.facts import AT, event, webhook

DELIVERY, OTHER = "0198c9f6-1c71-7f6d-8eca-92432aaf42e6", "0198c9f6-1c71-7f6d-8eca-000000000001"
WEBHOOK = webhook().id
ROW = (DELIVERY, 3, WEBHOOK)


def head(**settings) -> bytes:
    hook = webhook(settings.pop("preset", "standard"), url="https://h/a?b", **settings)
    return write_out(Composer(hook).compose(event('{"a":1}'), DELIVERY, 3, AT)).head


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"preset": "svix"},
        {"preset": "cloudevents_binary"},
        {"method": "GET"},
        {"signing": "none"},
        {"headers": (("accept", "text/html"), ("X-Two", "a: b"), ("User-Agent", "me"))},
        {"secret_token": "\x02sealed\x03", "secret_header": "Authorization"},
    ],
    ids=str,
)
def test_every_kind_of_head_is_read_as_it_was_recorded(settings):
    recorded = head(**settings)
    short = shortened(recorded, *ROW)
    assert expanded(short, *ROW) == recorded
    assert len(short) < len(recorded)


def test_the_usual_head_needs_less_than_half_of_its_bytes():
    assert len(shortened(head(), *ROW)) < len(head()) / 2


def test_heads_of_earlier_releases_are_read_unchanged():
    assert expanded(head(), *ROW) == head()
    assert expanded(b"", *ROW) == b""


def test_the_ids_of_another_delivery_stay_in_the_head():
    assert OTHER.encode() in shortened(head().replace(DELIVERY.encode(), OTHER.encode()), *ROW)


@given(lines=st.lists(st.sampled_from([b"a", b"\r\n", b"\x01", b"\x04", b"\x0e", b": ", head()])))
def test_no_head_is_read_differently(lines):
    recorded = b"POST / HTTP/1.1\r\nHost: h" + b"".join(lines)
    assert expanded(shortened(recorded, *ROW), *ROW) == recorded
