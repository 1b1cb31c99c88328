import pytest

from app.domain.bodies.spec import BodySpec
from app.domain.deliveries.sealing import NONE, Seals, sealed_headers, seals_of
from tests.domain.facts import webhook


def seals(**settings) -> Seals:
    return seals_of(
        webhook(**settings), lambda text: text[::-1].encode(), lambda sealed: sealed[::-1].decode()
    )


TOKEN = {"secret_token": "Tellnobody", "secret_header": "X-Secret"}
HEADERS = {"secret_headers": (("Authorization", "Bearer a"), ("X-Key", "Tellnobody"))}
FORM = {"preset": "form_callback", "body": BodySpec("form_callback", api_key="a key/1")}


@pytest.mark.parametrize(
    ("settings", "sent", "secret"),
    [
        (
            TOKEN,
            b"POST / HTTP/1.1\r\nHost: a\r\nX-Secret: Tellnobody\r\nA: b\r\n\r\n",
            b"Tellnobody",
        ),
        (
            HEADERS,
            b"POST / HTTP/1.1\r\nAuthorization: Bearer a\r\nX-Key: Tellnobody\r\n\r\n",
            b"Tellnobody",
        ),
        (FORM, b"callback_id=7&api_key=a%20key%2F1", b"a%20key%2F1"),
        (FORM, b"GET /?callback_id=7&api_key=a%20key%2F1 HTTP/1.1\r\nHost: a\r\n\r\n", b"a%20key"),
    ],
)
def test_a_secret_is_stored_encrypted_and_restored_byte_for_byte(settings, sent, secret) -> None:
    encryption = seals(**settings)
    stored = encryption.put(sent)
    assert secret in sent
    assert secret not in stored
    assert encryption.take_out(stored) == sent


def test_a_request_with_an_earlier_secret_can_still_be_decrypted() -> None:
    sent = b"POST / HTTP/1.1\r\nX-Secret: before\r\n\r\n"
    stored = seals(secret_token="before", secret_header="X-Secret").put(sent)
    assert seals(**TOKEN).take_out(stored) == sent


def test_a_url_keeps_its_structure() -> None:
    encryption = seals(**FORM)
    stored = encryption.put_in_url("https://a.example/?api_key=a%20key%2F1&x=1")
    assert stored.startswith("https://a.example/?api_key=")
    assert "a%20key" not in stored


def test_without_secrets_nothing_is_changed() -> None:
    assert seals().put(b"api_key=1") == NONE.take_out(b"api_key=1") == b"api_key=1"


def test_headers_of_older_records_are_sealed_once() -> None:
    head = b"GET /?authorization: x HTTP/1.1\r\nauthorization: Basic b2s=\r\nX-Open: y\r\n\r\n"
    names = frozenset({"authorization"})
    kept = sealed_headers(head, names, lambda text: text[::-1].encode())
    assert b"Basic" not in kept
    assert seals().take_out(kept) == head
    assert sealed_headers(kept, names, lambda text: b"again") == kept
