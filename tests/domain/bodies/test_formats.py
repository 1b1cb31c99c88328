"""Body formats, byte for byte as the five documents and Standard Webhooks have them."""

import json
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bodies.formats import (
    Body,
    BodySpec,
    CannotRender,
    into_query,
    render,
    restored,
    storable,
)
from app.domain.events.event import EventFacts

AT = 1476697473034
ISO = "2016-10-17T09:44:33.034Z"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def rendered(format_: str, payload: str, type_: str = "encoding.started", **spec) -> Body:
    event = EventFacts("0198", type_, "camera-1", AT, payload.encode())
    return render(BodySpec(format_, **spec), event)


def text(*args, **spec) -> str:
    return rendered(*args, **spec).content.decode()


EXACT = '{ "b": 1.10, "a":9007199254740993999, "é":"\\u00e9\\/", "n":null,\n "l":[1 , 2] }'


@pytest.mark.parametrize("format_", ["asset", "render"])
def test_asset_and_render_send_the_payload_unchanged(format_):
    assert text(format_, EXACT) == EXACT
    assert rendered(format_, EXACT).content_type == JSON


def test_standard_wraps_the_unchanged_payload():
    head = f'{{"type":"encoding.started","timestamp":"{ISO}","data":'
    assert text("standard", EXACT) == head + EXACT + "}"


def test_encoding_puts_type_and_emitted_at_before_the_unchanged_payload():
    head = f'{{"type":"encoding.started","emitted_at":"{ISO}",'
    assert text("encoding", EXACT) == head + EXACT[1:]


def test_live_channel_puts_event_and_event_time_first():
    sent = text("live_channel", '{"id":"c1","views":1.0}', "channel_live")
    assert sent == '{"event":"channel_live","eventTime":1476697473034,"id":"c1","views":1.0}'


@pytest.mark.parametrize(
    ("format_", "payload", "rest"),
    [
        ("encoding", '{"a": 1.10, "type": "x", "b" : [1 , 2]}', '"a":1.10,"b":[1 , 2]}'),
        ("encoding", '{"emitted_at":0,"\\u0074ype":{"x":1},"a":1}', '"a":1}'),
        ("live_channel", '{"eventTime":0,"event":"x","a":1e5}', '"a":1e5}'),
        ("live_channel", '{"a":1,"event":null}', '"a":1}'),
    ],
)
def test_a_payload_field_never_overwrites_an_event_field(format_, payload, rest):
    sent = text(format_, payload)
    assert sent.endswith(f",{rest}")
    assert json.loads(sent).get("type", json.loads(sent).get("event")) == "encoding.started"


@pytest.mark.parametrize("payload", ["{}", " { } ", '{"type":1,"emitted_at":2}'])
def test_a_payload_without_other_fields_leaves_no_trailing_comma(payload):
    assert text("encoding", payload) == f'{{"type":"encoding.started","emitted_at":"{ISO}"}}'


@pytest.mark.parametrize("format_", ["standard", "encoding", "live_channel"])
@given(
    payload=st.dictionaries(
        st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5)
    ),
    indent=st.sampled_from([None, 1]),
)
def test_every_json_body_contains_the_payload(format_, payload, indent):
    sent = json.loads(text(format_, json.dumps(payload, indent=indent)))
    if format_ == "standard":
        assert sent["data"] == payload
        return
    ours = {"encoding": ("type", "emitted_at"), "live_channel": ("event", "eventTime")}[format_]
    rest = {name: value for name, value in payload.items() if name not in ours}
    assert list(sent) == [*ours, *rest]
    assert {name: sent[name] for name in rest} == rest


def callback(value: str, **spec) -> str:
    return text("form_callback", f'{{"callback_format":"video","callback_value":{value}}}', **spec)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ('"https://d/p.m3u8"', "https%3A%2F%2Fd%2Fp.m3u8"),
        ('"https://d/thumbnail 2.png"', "https%3A%2F%2Fd%2Fthumbnail%202.png"),
        ('"a,b"', "a%2Cb"),
        ('["a","b c"]', "a%2Cb%20c"),
        ('["https://d/a,1.png","b"]', "https%3A%2F%2Fd%2Fa%252C1.png%2Cb"),
        ('["only,one"]', "only%252Cone"),
        ('[ "a" , 7 ]', "a%2C7"),
        ('"a&b=c+d%20é"', "a%26b%3Dc%2Bd%2520%C3%A9"),
        ("12345678901234567890", "12345678901234567890"),
        ("[]", ""),
    ],
)
def test_callback_value_joins_several_urls_with_commas(value, sent):
    assert f"callback_value={sent}&" in callback(value)


def test_the_form_callback_has_its_four_keys_in_order():
    payload = '{"callback_format":"image","x":1,"callback_value":["u"],"callback_id":17}'
    body = rendered("form_callback", payload, api_key="k&y")
    assert body.content == b"callback_id=17&callback_value=u&callback_format=image&api_key=k%26y"
    assert body.content_type == FORM


def test_a_missing_id_or_api_key_is_sent_empty():
    assert callback('"u"') == "callback_id=&callback_value=u&callback_format=video&api_key="


@given(urls=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_a_receiver_that_splits_at_commas_gets_every_url(urls):
    sent = callback(json.dumps(urls))
    value = parse_qs(sent, keep_blank_values=True, strict_parsing=True)["callback_value"][0]
    assert [part.replace("%2C", ",") for part in value.split(",")] == [
        url.replace("%2C", ",") for url in urls
    ]
    assert unquote(sent.split("&")[1]) == f"callback_value={value}"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("{}", "no callback_value"),
        ('{"callback_value":null,"callback_format":"video"}', "no callback_value"),
        ('{"callback_value":"u"}', "no callback_format"),
        ('{"callback_value":{"a":1},"callback_format":"v"}', "neither a string nor a list"),
        ('{"callback_value":["a",null],"callback_format":"v"}', "neither a string nor a list"),
    ],
)
def test_an_event_without_the_fields_of_the_form_cannot_be_rendered(payload, message):
    with pytest.raises(CannotRender, match=message) as refusal:
        rendered("form_callback", payload)
    assert refusal.value.cause == "unrenderable"


@pytest.mark.parametrize(
    ("expression", "encoding", "sent"),
    [
        (None, "json", '{"s": "a b", "n": 1.10, "l": [1, {"x": null}], "o": null}'),
        (None, "form", "s=a%20b&n=1.10&l=%5B1%2C%7B%22x%22%3Anull%7D%5D&o="),
        ("{t: type, v: payload.n}", "json", '{"t":"encoding.started","v":1.1}'),
        ("{t: type, l: payload.l}", "form", "t=encoding.started&l=%5B1%2C%7B%22x%22%3Anull%7D%5D"),
        ("[id, source, occurred_at]", "json", f'["0198","camera-1","{ISO}"]'),
        ("payload.s", "json", '"a b"'),
    ],
)
def test_a_custom_body_is_the_result_of_its_expression(expression, encoding, sent):
    payload = '{"s": "a b", "n": 1.10, "l": [1, {"x": null}], "o": null}'
    assert text("custom", payload, expression=expression, encoding=encoding) == sent


@pytest.mark.parametrize(
    ("payload", "expression", "encoding", "cause"),
    [
        ("{}", "payload.none", "json", "unrenderable"),
        ("{}", "length(payload.none)", "json", "unrenderable"),
        ("{}", "&payload", "json", "unrenderable"),
        ("{}", "(", "json", "unrenderable"),
        ("{}", "type", "form", "unrenderable"),
        ('{"a":1e999}', "payload", "json", "unrenderable"),
        ('{"a":%s}' % ("9" * 5000), "payload", "json", "unrenderable"),
        ('{"a":"%s"}' % ("x" * 100_000), f"[{','.join(['payload'] * 99)}]", "json", "too_large"),
    ],
)
def test_a_custom_body_that_cannot_be_rendered_has_a_reason(payload, expression, encoding, cause):
    with pytest.raises(CannotRender) as refusal:
        rendered("custom", payload, expression=expression, encoding=encoding)
    assert refusal.value.cause == cause
    assert refusal.value.detail


@pytest.mark.parametrize("payload", ["[]", "", "nope", "{"])
@pytest.mark.parametrize("format_", ["encoding", "live_channel", "form_callback", "made_up"])
def test_a_payload_that_is_not_an_object_cannot_be_rendered(format_, payload):
    with pytest.raises(CannotRender):
        rendered(format_, payload)


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://h/p", "https://h/p?a=1&b=x%20y"),
        ("https://h", "https://h?a=1&b=x%20y"),
        ("https://h/p?", "https://h/p?a=1&b=x%20y"),
        ("https://h/p?k=%7e&k", "https://h/p?k=%7e&k&a=1&b=x%20y"),
        ("https://h/p?k=1&", "https://h/p?k=1&a=1&b=x%20y"),
        ("https://h/p?k=?#part", "https://h/p?k=?&a=1&b=x%20y"),
    ],
)
def test_parameters_are_appended_to_the_query_of_the_url(url, sent):
    assert into_query(url, Body(FORM, b"a=1&b=x%20y")) == sent
    assert into_query(url, Body(JSON, b'{"a":1,"b":"x y"}')) == sent


def test_each_json_field_becomes_a_query_parameter():
    body = Body(JSON, '{"n": 1.10, "t":"é", "f":true, "z":null, "o":{ "x" : [1 , 2.0] }}'.encode())
    assert into_query("http://h/", body) == (
        "http://h/?n=1.10&t=%C3%A9&f=true&z=&o=%7B%22x%22%3A%5B1%2C2.0%5D%7D"
    )


def test_a_body_without_parameters_leaves_the_url_unchanged():
    assert into_query("http://h/?a", Body(JSON, b"{}")) == "http://h/?a"


def test_json_that_is_not_an_object_cannot_become_a_query():
    with pytest.raises(CannotRender):
        into_query("http://h/", Body(JSON, b"[1]"))


@pytest.mark.parametrize(
    "format_",
    [
        "standard",
        "live_channel",
        "asset",
        "encoding",
        "cloudevents",
        "cloudevents_binary",
        "custom",
    ],
)
def test_a_stored_body_is_restored_byte_for_byte(format_):
    event = EventFacts("0198", "encoding.started", None, AT, b'{"a": 1.10}')
    sent = render(BodySpec(format_, expression="payload.a"), event)
    stored = storable(BodySpec(format_, expression="payload.a"), sent)
    assert restored(stored, event) == sent
    assert (stored.content == b"") == (format_ != "custom")
