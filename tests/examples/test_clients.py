"""The example clients work as their comments say."""

import shlex
import shutil

import pytest
import requests

from tests.examples.conftest import Run, Served
from tests.support.product import PLATFORM_KEY

needs_node = pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed.")
CLIENTS = ["clients/post_event.py", pytest.param("clients/post_event.mjs", marks=needs_node)]


def _get(served: Served, path: str, key: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{served.url}/api/v1{path}", headers=headers, timeout=45)


@pytest.mark.parametrize("presets", [(), ("encoding", "form_callback")])
def test_curl_registers_webhooks_and_prints_their_secrets(
    run: Run, served: Served, presets: tuple[str, ...]
) -> None:
    arguments = ("http://127.0.0.1:9000/", *presets)
    done = run("clients/curl.sh", *arguments, PLATFORM_API_KEY=PLATFORM_KEY)
    assert done.returncode == 0, done.stderr
    words = [word.split("=", 1) for word in shlex.split(done.stdout) if word != "export"]
    exported = dict(words)
    webhooks = _get(served, "/webhooks", exported["CALLBOARD_API_KEY"]).json()["data"][::-1]
    assert [webhook["preset"] for webhook in webhooks] == list(presets or ["standard"])
    assert {webhook["url"] for webhook in webhooks} == {"http://127.0.0.1:9000/"}
    secrets = [
        _get(served, f"/webhooks/{webhook['id']}/secret", served.key).json()["secret"]
        for webhook in webhooks
    ]
    assert exported["CALLBOARD_SECRET"].split() == secrets


def test_curl_shows_errors(run: Run, served: Served) -> None:
    done = run("clients/curl.sh", "http://10.0.0.1/", PLATFORM_API_KEY=PLATFORM_KEY)
    assert done.returncode != 0
    assert "export" not in done.stdout


@pytest.mark.parametrize("client", CLIENTS)
def test_an_event_is_posted(run: Run, served: Served, client: str) -> None:
    done = run(client, "encoding.finished", '{"title": "Grüße"}')
    assert done.returncode == 0, done.stderr
    [event] = _get(served, "/events", served.key).json()["data"]
    assert event["id"] in done.stdout
    payload = _get(served, f"/events/{event['id']}", served.key).json()["payload"]
    assert payload == {"title": "Grüße"}


@pytest.mark.parametrize("client", CLIENTS)
def test_errors_are_printed(run: Run, client: str) -> None:
    done = run(client, "no type", "{}")
    assert done.returncode == 1
    assert '"field":"type"' in done.stderr
