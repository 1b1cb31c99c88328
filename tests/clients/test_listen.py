"""`callboard listen` between real processes: web, worker, the command and a receiver."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from callboard import Callboard, verify
from tests.support.databases import SqliteTemplate
from tests.support.product import ROOT
from tests.support.servers.installation import Installation
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

# The same without a server of its own: clients/python/tests/cli/test_listen.py.
pytestmark = [pytest.mark.acceptance, pytest.mark.long]
Process = subprocess.Popen[bytes]


@contextmanager
def listening(url: str, key: str, receiver: Receiver, directory: Path) -> Iterator[Process]:
    environ = os.environ | {
        "CALLBOARD_URL": url,
        "CALLBOARD_API_KEY": key,
        "CALLBOARD_CONFIG_DIR": str(directory / "config"),
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "callboard", "listen", "--forward-to", receiver.url]
    with (directory / "listen.log").open("ab") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(20)


def test_callbacks_reach_this_machine_signed_and_a_restart_of_the_server_does_not_end_it(
    sqlite_template: SqliteTemplate, redis_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    installation = Installation(tmp_path, sqlite_template.copy(tmp_path), redis_url)
    log = tmp_path / "listen.log"
    with installation.worker(), ExitStack() as stack:
        with installation.web():
            key = installation.key()
            client = stack.enter_context(Callboard(installation.url, key))
            process = stack.enter_context(listening(installation.url, key, receiver, tmp_path))
            eventually(lambda: "Signing secret: " in log.read_text())
            secret = log.read_text().rpartition("Signing secret: ")[2].split()[0]
            [delivery] = client.events.create("encoding.finished", {"n": 1})["deliveries"]
            eventually(lambda: client.deliveries.get(delivery["id"])["state"] == "succeeded")
            [request] = receiver.requests
            assert verify(request.headers, request.body, secret).json()["data"] == {"n": 1}
            [attempt] = client.deliveries.get(delivery["id"])["attempts"]
            assert (attempt["status"], attempt["response"]["body"]["text"]) == (200, "")
            with Callboard(installation.url, installation.reader) as reader:
                [shown] = reader.deliveries.get(delivery["id"])["attempts"]
            named = {each["name"].lower(): each["value"] for each in shown["request"]["headers"]}
            assert named["x-callboard-listener"] == "********"
        eventually(lambda: "Retrying." in log.read_text())
        with installation.web():
            eventually(lambda: "Connected again." in log.read_text())
            client.events.create("encoding.finished", {"n": 2})
            receiver.wait_for(2)
            process.terminate()
            assert process.wait(20) == 0
            assert list(client.listeners.list()) == []
