import pytest

from app.domain.common.errors import Invalid
from app.domain.webhooks.headers import check_headers, check_secret_headers, split


@pytest.mark.parametrize(
    ("headers", "pairs"),
    [
        (None, []),
        ({}, []),
        ({"X-A": "1", "authorization": "Bearer x"}, [["X-A", "1"], ["authorization", "Bearer x"]]),
        ([["X-B", "2"], ["X-A", "1"]], [["X-B", "2"], ["X-A", "1"]]),
        ([("X-B", "2")], [["X-B", "2"]]),
        ([{"name": "X-B", "value": "2"}], [["X-B", "2"]]),
        ({"X-Empty": ""}, [["X-Empty", ""]]),
        ({"X-Latin": "café\xff"}, [["X-Latin", "café\xff"]]),
        ({"X-Tab": "a\tb"}, [["X-Tab", "a\tb"]]),
        ({"!#$%&'*+-.^_`|~09az": "x"}, [["!#$%&'*+-.^_`|~09az", "x"]]),
        ({"Content-Type": "text/plain", "User-Agent": "mine"}, None),
        ({"X-A": "v" * 4093}, None),
        ({f"X-{n}": "v" for n in range(50)}, None),
        ({"Te-st": "x", "Webhook": "x", "Proxy": "x", "Hosts": "x"}, None),
    ],
)
def test_headers_become_pairs_in_their_order(headers, pairs):
    if pairs is None:
        pairs = [[name, value] for name, value in headers.items()]
    assert check_headers(headers) == pairs


@pytest.mark.parametrize(
    ("headers", "field", "code"),
    [
        ("X-A: 1", "headers", "type"),
        (5, "headers", "type"),
        ({"X-A": 5}, "headers.X-A", "type"),
        ({"X-A": None}, "headers.X-A", "type"),
        ([["X-A"]], "headers[0]", "type"),
        ([["X-A", "1", "2"]], "headers[0]", "type"),
        ([{"name": "X-A"}], "headers[0]", "type"),
        ([["X-A", "1"], "X-B"], "headers[1]", "type"),
        ({"": "x"}, "headers.", "name"),
        ({"X A": "x"}, "headers.X A", "name"),
        ({"X-Ä": "x"}, "headers.X-Ä", "name"),
        ({"X:A": "x"}, "headers.X:A", "name"),
        ({"X-A\n": "x"}, "headers.X-A\n", "name"),
        ({"X-A": "a\r\nX-B: b"}, "headers.X-A", "characters"),
        ({"X-A": "a\nb"}, "headers.X-A", "characters"),
        ({"X-A": "a\x00b"}, "headers.X-A", "characters"),
        ({"X-A": "a\x1bb"}, "headers.X-A", "characters"),
        ({"X-A": " a"}, "headers.X-A", "characters"),
        ({"X-A": "a\t"}, "headers.X-A", "characters"),
        ({"X-A": "€"}, "headers.X-A", "characters"),
        ({"X-A": "\ud800"}, "headers.X-A", "characters"),
        ({"X-A": "v" * 4094}, "headers.X-A", "length"),
        ({f"X-{n}": "v" for n in range(51)}, "headers", "range"),
        ([["X-A", "1"], ["x-a", "2"]], "headers[1]", "duplicate"),
    ],
)
def test_a_header_that_cannot_be_sent_is_rejected(headers, field, code):
    with pytest.raises(Invalid) as caught:
        check_headers(headers)
    assert (field, code) in [(error.field, error.code) for error in caught.value.errors]


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "content-length", "Transfer-Encoding", "CONNECTION", "Keep-Alive", "TE"),
        *("Trailer", "Upgrade", "Expect", "Proxy-Authorization", "proxy-x", "Webhook-Id"),
        *("webhook-signature", "webhook-anything"),
    ],
)
def test_headers_that_belong_to_the_sender_cannot_be_set(name):
    with pytest.raises(Invalid) as caught:
        check_headers({name: "x"})
    assert caught.value.errors[0].code == "reserved"


def test_every_invalid_header_is_reported_at_once():
    with pytest.raises(Invalid) as caught:
        check_headers([["Host", "x"], ["X-A", " x"], ["X-B", "x"], ["X C", "x"]])
    fields = [error.field for error in caught.value.errors]
    assert fields == ["headers[0]", "headers[1]", "headers[3]"]


def test_credentials_and_the_names_of_secret_headers_are_not_public() -> None:
    headers = [("X-A", "1"), ("authorization", "Bearer x"), ("x-key", "old")]
    public, secret = split(headers, [("X-Key", "new")])
    assert public == [("X-A", "1")]
    assert secret == [("X-Key", "new"), ("authorization", "Bearer x")]


def test_a_secret_header_needs_a_value() -> None:
    with pytest.raises(Invalid) as caught:
        check_secret_headers({"X-Key": ""})
    assert caught.value.errors[0].field == "secret_headers.X-Key"
