"""The example receiver accepts requests, verifies their signatures and stores them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from standardwebhooks import Webhook

from tests.examples.conftest import ROOT
from tests.support import children

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Running:
    def __init__(self, directory: Path, *arguments: str) -> None:
        self.directory = directory / "received"
        program = str(ROOT / "examples" / "receiver.py")
        self._process = children.start(
            [sys.executable, program, "--port", "0", *arguments],
            cwd=directory,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().split()[2]

    def end(self) -> str:
        """Terminate the receiver and return its output without the address."""
        self._process.terminate()
        out, _ = self._process.communicate(timeout=45)
        return out.decode()

    def close(self) -> None:
        children.stop(self._process)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start_receiver(*arguments: str) -> Running:
        started.append(Running(tmp_path, *arguments))
        return started[-1]

    yield start_receiver
    for running in started:
        running.close()


def signed(content: str, secret: str = SECRET, identity: str = "msg_1", ago: int = 0) -> dict:
    at = datetime.now(UTC).timestamp() - ago
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(at)),
        "webhook-signature": Webhook(secret).sign(
            identity, datetime.fromtimestamp(int(at), UTC), content
        ),
    }


def test_a_signed_callback_is_verified_printed_and_stored_unchanged(start) -> None:
    receiver = start("--secret", SECRET)
    body = '{"type":"encoding.finished","data":{"title":"Grüße"}}'
    headers = signed(body) | {"Content-Type": "application/json", "X-Callboard-Attempt": "1"}
    response = requests.post(f"{receiver.url}hook?a=1", body.encode(), headers=headers, timeout=45)
    assert response.status_code == 200
    output = receiver.end()
    assert "#1 POST /hook?a=1" in output
    assert "attempt: 1" in output
    assert "signature: valid" in output
    assert '"title": "Grüße"' in output
    assert (receiver.directory / "00001.body").read_text() == body
    assert "webhook-id: msg_1" in (receiver.directory / "00001.head").read_text()


def test_a_form_is_printed_line_by_line(start) -> None:
    receiver = start()
    form = {"callback_value": "https://a/1.png,https://a/2.png", "callback_format": "image"}
    requests.put(receiver.url, form, timeout=45)
    assert "| callback_value = https://a/1.png,https://a/2.png\n" in receiver.end()


def test_a_get_is_signed_over_its_query(start) -> None:
    receiver = start("--secret", SECRET)
    query = "callback_id=1&callback_format=video"
    response = requests.get(f"{receiver.url}?{query}", headers=signed(query), timeout=45)
    assert response.status_code == 200
    assert "| callback_format = video" in receiver.end()


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        (("{}", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "wrong secret"),
        (("{ }",), "wrong secret"),
        (("{}", SECRET, "msg_1", 3600), "more than 5 minutes off"),
        ((), "no webhook-signature"),
    ],
)
def test_invalid_signatures_are_rejected_with_the_reason(
    start, signature: tuple, reason: str
) -> None:
    receiver = start("--secret", SECRET)
    headers = signed(*signature) if signature else {}
    assert requests.post(receiver.url, b"{}", headers=headers, timeout=45).status_code == 401
    output = receiver.end()
    assert "NOT VALID" in output
    assert reason in output


def test_both_secrets_are_valid_during_a_rotation(start) -> None:
    new = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    receiver = start("--secret", SECRET, "--secret", new)
    for secret in (SECRET, new):
        response = requests.post(receiver.url, b"{}", headers=signed("{}", secret), timeout=45)
        assert response.status_code == 200


@pytest.mark.parametrize("header", ["x-streams-token", "X-Callboard-Token"])
def test_a_token_is_compared(start, header: str) -> None:
    receiver = start("--token", "right")
    for token, status in (("right", 200), ("wrong", 401)):
        response = requests.post(receiver.url, b"{}", headers={header: token}, timeout=45)
        assert response.status_code == status


def test_each_callback_fails_the_set_number_of_times_and_repeats_are_marked(start) -> None:
    receiver = start("--fail", "2", "--status", "503")
    statuses = [
        requests.post(receiver.url, b"{}", headers=signed("{}", identity=name), timeout=45)
        for name in ("msg_a", "msg_a", "msg_b", "msg_a", "msg_a")
    ]
    assert [response.status_code for response in statuses] == [503, 503, 503, 200, 200]
    assert "a repeat of #4" in receiver.end()


def test_any_method_gets_the_configured_status(start) -> None:
    receiver = start("--status", "204")
    for method in ("DELETE", "OPTIONS", "REPORT", "HEAD"):
        assert requests.request(method, receiver.url, timeout=45).status_code == 204


def test_a_response_is_delayed_as_configured(start) -> None:
    receiver = start("--delay", "0.2")
    assert requests.post(receiver.url, b"", timeout=45).elapsed.total_seconds() >= 0.2
