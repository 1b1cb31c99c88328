"""The Python client and its command line, against the whole product."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import Session

from callboard import Callboard, CallboardError, verify
from callboard.outbox import Outbox, Relay, RelayResult
from tests.support.product import ROOT, Product
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.acceptance
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def key(product: Product) -> str:
    """Of an organization of its own."""
    organization_id = product.create_organization()
    with Callboard(product.url, product.platform_key) as platform:
        return platform.api_keys.create(organization_id, "tests")["key"]


@pytest.fixture
def client(product: Product, key: str) -> Iterator[Callboard]:
    with Callboard(product.url, key) as client:
        yield client


@pytest.fixture
def command(client: Callboard, key: str, tmp_path: Path) -> Command:
    base = os.environ | {
        "CALLBOARD_URL": client.url,
        "CALLBOARD_API_KEY": key,
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
    }

    def command(
        *arguments: str, code: int = 0, environ: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "callboard", *arguments],
            cwd=tmp_path,
            env=base | (environ or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    return command


def ended(client: Callboard, delivery_id: str) -> Any:
    """The delivery, once it is."""
    states = ("succeeded", "failed")
    eventually(lambda: client.deliveries.get(delivery_id)["state"] in states)
    return client.deliveries.get(delivery_id)


def test_an_event_is_delivered_and_its_signature_is_valid(client, receiver: Receiver):
    webhook = client.webhooks.create(url=receiver.url, event_types=["encoding.finished"])
    event = client.events.create("encoding.finished", {"media_id": "a-1"}, source="camera-1")
    [delivery] = event["deliveries"]
    assert ended(client, delivery["id"])["state"] == "succeeded"
    [request] = receiver.requests
    secret = client.webhooks.secret(webhook["id"])
    assert verify(request.headers, request.body, secret).json()["data"] == {"media_id": "a-1"}
    first = client.attempts.list(delivery_id=delivery["id"]).first(1)[0]
    assert first["cause"] == "ok"
    assert client.attempts.get(delivery["id"], 1)["request"]["body"] is not None


def test_v1a_is_verified_with_the_public_key_of_the_webhook(client, receiver: Receiver):
    webhook = client.webhooks.create(url=receiver.url, signing="v1a")
    assert client.webhooks.test(webhook["id"])["succeeded"]
    [request] = receiver.requests
    assert verify(request.headers, request.body, webhook["public_key"])


def test_a_repeated_event_is_accepted_once(client):
    first = client.events.create("a.b", {}, id="e-1")
    second = client.events.create("a.b", {}, id="e-1")
    assert (first["duplicate"], second["duplicate"]) == (False, True)
    with pytest.raises(CallboardError, match="already used"):
        client.events.create("a.b", {"other": 1}, id="e-1")


def test_a_stream_delivers_everything_to_the_database(client):
    with client.events.stream(batch_size=100) as stream:
        for number in range(450):
            stream.send("bulk", {"number": number})
    assert len(list(client.events.list(event_type="bulk"))) == 450


def test_a_rejected_line_of_a_file_is_named_and_the_file_resumed(client, command, tmp_path):
    good = [{"type": "bulk", "payload": {"number": number}} for number in range(30)]
    bad = [*good[:25], {"type": "not a name", "payload": {}}, *good[26:]]
    path = tmp_path / "events.ndjson"
    path.write_text("".join(f"{json.dumps(event)}\n" for event in bad))
    done = command("events", "send", path.name, "--batch-size", "10", code=1)
    assert "line 26: type:" in done.stderr
    path.write_text("".join(f"{json.dumps(event)}\n" for event in good))
    command("events", "send", path.name, "--batch-size", "10")
    numbers = [client.events.get(each["id"])["payload"]["number"] for each in client.events.list()]
    assert sorted(numbers) == list(range(30))


def test_the_command_line_lists_failures_and_resends_them(client, command, receiver: Receiver):
    receiver.respond(500)
    policy = '{"kind": "fixed", "interval_seconds": 1, "max_attempts": 1}'
    command("webhooks", "create", receiver.url, "--set", f"retry_policy={policy}")
    event = json.loads(command("trigger", "a.b", "--data", '{"n": 1}', "--json").stdout)
    delivery_id = event["deliveries"][0]["id"]
    ended(client, delivery_id)
    listed = command("deliveries", "list", "--state", "failed", "--json").stdout
    assert json.loads(listed)["id"] == delivery_id
    assert "500" in command("deliveries", "show", delivery_id).stdout
    receiver.respond(200)
    command("deliveries", "resend", delivery_id)
    assert ended(client, delivery_id)["attempt_count"] == 2


def test_an_export_is_imported_into_another_organization(
    client, command, product: Product, receiver: Receiver
):
    client.event_types.put("a.b", description="A", sample={"n": 1}, schema={"type": "object"})
    client.webhooks.create(url=receiver.url, name="v1", event_types=["a.b"], secret_token="t")
    client.webhooks.create(url=receiver.url, name="v1a", signing="v1a", preset="live_channel")
    command("export", "all.json", "--with-secrets")
    other = product.create_organization()
    as_platform = {"CALLBOARD_API_KEY": product.platform_key, "CALLBOARD_ORGANIZATION": other}
    done = command("import", "all.json", environ=as_platform)
    assert "3 created, 0 updated, 0 unchanged" in done.stderr
    done = command("import", "all.json", environ=as_platform)
    assert "0 created, 0 updated, 3 unchanged" in done.stderr
    with Callboard(product.url, product.platform_key, organization=other) as there:
        copies = {each["name"]: each["id"] for each in there.webhooks.list()}
        originals = {each["name"]: each["id"] for each in client.webhooks.list()}
        for name in ("v1", "v1a"):
            secret = there.webhooks.secret(copies[name])
            assert secret == client.webhooks.secret(originals[name])


def test_two_relays_on_postgresql_post_each_event_of_an_outbox_once(
    client, postgres_session_url: str
):
    """Each claims rows of its own, without waiting for the other."""
    metadata = MetaData()
    outbox = Outbox(metadata, "outbox_of_a_producer")
    engine = create_engine(postgres_session_url)
    metadata.create_all(engine)
    try:
        with Session(engine) as session, session.begin():
            for number in range(200):
                outbox.add(session, "outbox", {"number": number})
        results: list[RelayResult] = []

        def relay() -> None:
            relay = Relay(engine, outbox, client, batch_size=10)
            while not (result := relay.run_once()).is_empty:
                results.append(result)

        threads = [threading.Thread(target=relay) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with engine.connect() as connection:
            assert connection.execute(outbox.table.select()).all() == []
        assert sum(result.accepted for result in results) == 200
        assert len(list(client.events.list(event_type="outbox"))) == 200
    finally:
        metadata.drop_all(engine)
        engine.dispose()
