import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.common.errors import Malformed
from app.domain.common.strict_json import check_payload, oversized_number, parse_object, read


def nested(depth: int) -> bytes:
    """An object that nests `depth` deep, itself among them."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


REFUSED = [
    b"",
    b" ",
    b"nonsense",
    b"{",
    b'{"a":1',
    b'{"a":1}x',
    b'{"a":1,}',
    b"{'a':1}",
    b"{a:1}",
    b'{"a":01}',
    b'{"a":1.}',
    b'{"a":+1}',
    b'{"a":.5}',
    b'{"a":0x1}',
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":[-Infinity]}',
    b'{"a":"\n"}',
    b'{"a":"\x00"}',
    b'{"a":"\\x41"}',
    b'{"a":1}\x00',
    # NUL and half surrogate pairs, in values and in keys, also behind escaped backslashes.
    b'{"a":"\\u0000"}',
    b'{"a":["x\\u0000"]}',
    b'{"\\u0000":1}',
    b'{"a":"\\\\\\u0000"}',
    b'{"a":"\\ud800"}',
    b'{"a":"\\uD83D"}',
    b'{"a":"\\udc00"}',
    b'{"a":"\\ude00\\ud83d"}',
    b'{"a":"\\ud83d\\ud83d\\ude00"}',
    b'{"a":"\\ud83dx\\ude00"}',
    b'{"\\udfff":1}',
    # Not UTF-8.
    b'{"a":"\xff"}',
    b'{"a":"\xed\xa0\x80"}',
    b'{"a":"\xc0\x80"}',
    b"\xef\xbb\xbf{}",
    '{"a":1}'.encode("utf-16"),
    '{"a":1}'.encode("utf-16-le"),
    '{"a":1}'.encode("utf-16-be"),
    '{"a":1}'.encode("utf-32"),
    # A key given twice, at any depth, however it is written.
    b'{"a":1,"a":1}',
    b'{"b":[{"a":1,"c":2,"a":{"d":1}}]}',
    b'{"a":1,"\\u0061":2}',
    b'{"a":"\\u003a","b":1,"b":2}',
    b'{"a":"\\u003A","b":1,"b":2}',
    # Too deep.
    nested(101),
    b'{"a":[{"b":' * 50 + b"[]" + b"}]" * 50 + b"}",
    nested(100_000),
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"a":"[","b":' + b'{"a":' * 100 + b"1" + b"}" * 101,
]


@pytest.mark.parametrize("raw", REFUSED, ids=lambda raw: repr(raw[:40]))
@pytest.mark.parametrize("check", [parse_object, check_payload])
def test_json_that_parsers_disagree_on_is_rejected(check, raw):
    with pytest.raises(Malformed) as caught:
        check(raw)
    assert caught.value.detail


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"a"', b"1", b"true", b" [{}]"])
@pytest.mark.parametrize("check", [parse_object, check_payload])
def test_anything_but_an_object_is_rejected(check, raw):
    with pytest.raises(Malformed):
        check(raw)


ACCEPTED = [
    b"{}",
    b' \t\r\n{ "a" : 1 }\n',
    b'{"a":[1,-2.5e3,true,false,null,"x",{},[]]}',
    '{"é":"ü😀 "}'.encode(),
    b'{"a":"\\u00e9\\ud83d\\ude00\\uD83D\\uDE00"}',
    b'{"a":"\\\\u0000\\\\ud800"}',
    b'{"a":"x:y\\u003a\\n\\"","b":{"a":1},"c":[{"a":1},{"a":2}]}',
    b'{"a":"' + b"[{" * 200 + b'\\""}',
    b'{"a":[' + b",".join([b"[{}]"] * 200) + b"]}",
    nested(100),
]


@pytest.mark.parametrize("raw", ACCEPTED, ids=lambda raw: repr(raw[:40]))
def test_strict_json_is_parsed_like_json(raw):
    check_payload(raw)
    assert parse_object(raw) == read(raw) == json.loads(raw)


@pytest.mark.parametrize(
    "number", ["9223372036854775807", "-9223372036854775808", "1.7e308", "0e9"]
)
def test_numbers_of_64_bits_are_parsed(number):
    assert parse_object(b'{"a":%b}' % number.encode())["a"] == json.loads(number)


OUT_OF_RANGE = [
    *("9223372036854775808", "-9223372036854775809", "1e400", "-1e400", "9" * 5000),
    "1" + "0" * 400 + ".5",
]


@pytest.mark.parametrize("number", OUT_OF_RANGE, ids=lambda number: number[:25])
def test_numbers_out_of_range_are_rejected_outside_of_payloads(number):
    raw = b'{"a":%b}' % number.encode()
    with pytest.raises(Malformed) as caught:
        parse_object(raw)
    assert "out of range" in caught.value.detail
    check_payload(raw)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 5000])
def test_a_number_that_is_too_large_is_parsed_as_infinity(number):
    assert math.isinf(read(b'{"a":%b}' % number.encode())["a"])


def test_an_error_says_where_in_the_body_it_is():
    with pytest.raises(Malformed) as caught:
        parse_object(b'{"a": 1,\n "b": "x\\u0000"}')
    assert "line 2, column 9" in caught.value.detail
    with pytest.raises(Malformed) as caught:
        parse_object(b'{"type": 1, "type": 2}')
    assert "'type'" in caught.value.detail


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("abc:{"), json_values), st.booleans())
def test_any_json_round_trips(value, ensure_ascii):
    raw = json.dumps(value, ensure_ascii=ensure_ascii).encode()
    assert parse_object(raw) == value
    assert read(raw) == value


fragments = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u",
        b"0000",
        b"d83d",
        b"\\ude00",
        b"003a",
        b'"a":',
        b"1",
        b"-",
        b"e9",
        b"1e400",
        b"NaN",
        b"true",
        b"null",
        b" ",
        b"\n",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc3\xa9",
        b'"a":1,',
        b"{}",
        b'""',
    ]
)


@settings(deadline=None)
@given(st.binary() | st.lists(fragments, max_size=12).map(b"".join))
def test_arbitrary_bytes_raise_only_malformed(raw):
    for body in (raw, b'{"a":' + raw + b"}", b'{"a":"' + raw + b'"}'):
        strict = loose = True
        try:
            parse_object(body)
        except Malformed:
            strict = False
        try:
            check_payload(body)
        except Malformed:
            loose = False
        assert loose or not strict


@pytest.mark.parametrize(
    ("raw", "is_oversized"),
    [
        (b'{"a": %s}' % (b"9" * 1000), False),
        (b'{"a": %s}' % (b"9" * 1001), True),
        (b'{"a": "%s"}' % (b"9" * 2000), False),
        (b'{"a": 1e308}', False),
        (b'{"a": 1e309}', True),
        (b'{"a": -1E+400}', True),
        (b'{"a": 1e-400}', False),
        (b'{"a": "1e400"}', False),
    ],
)
def test_a_number_that_receivers_cannot_parse_is_detected(
    raw: bytes, *, is_oversized: bool
) -> None:
    assert (oversized_number(raw) is not None) is is_oversized
