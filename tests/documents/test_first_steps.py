"""The README's five minutes, and the client's README: typed in a shell, in order."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from callboard import Callboard
from tests.documents import collected
from tests.examples.tutorial import Shell
from tests.support.product import ROOT, Product, free_port
from tests.support.servers.receiver import Received, Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.acceptance, pytest.mark.timeout(600)]
README, CLIENT, VERIFYING = "README.md", "clients/python/README.md", "docs/verifying.md"
_VERIFY = "body.bin --headers head.txt --secret whsec_... --scheme"
SCHEMES = ("sha256", "timestamped")
# Run by other tests, which the registry names.
_ELSEWHERE = re.compile(
    r".*\| callboard|callboard (listen|import svix|jobs stop|members|invitations|notifications)"
)


def is_run_here(document: str, command: str) -> bool:
    if document == README:
        return "script/server" not in command and "git clone" not in command
    is_typed = "callboard" in command and not command.startswith(("pip ", "export ", "SVIX"))
    return document in (CLIENT, VERIFYING) and is_typed and not _ELSEWHERE.match(command)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """In a directory of its own, with `callboard` and the examples."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", symlinks=True)
    program = tmp_path / "bin" / "callboard"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m callboard "$@"\n')
    program.chmod(0o755)
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith("CALLBOARD_")
    } | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "clients/python/src"),
        "PYTHONUNBUFFERED": "1",
        "CALLBOARD_CONFIG_DIR": str(tmp_path / "config"),
    }
    shell = Shell(tmp_path, environ)
    yield shell
    shell.stop()


def typed(shell: Shell, command: str, texts: Mapping[str, str]) -> str:
    """Its output. texts: what stands in the document, and what it stands for."""
    for old, new in texts.items():
        command = command.replace(old, new)
    output, code = shell.run(command)
    assert code == 0, f"{command}\n{output}"
    return output


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed.")
def test_the_five_minutes_of_the_readme(shell: Shell, product: Product, tmp_path: Path) -> None:
    port = str(free_port())
    texts = {
        "http://127.0.0.1:9000/": f"http://127.0.0.1:{port}/",
        "examples/receiver.py": f"examples/receiver.py --port {port}",
        "try-callboard-0123456789": product.platform_key,
    }
    typed(shell, f"export CALLBOARD_URL={product.url}", {})
    product.create_organization()
    log = tmp_path / "received.log"
    try:
        for command in collected.commands(README):
            if not is_run_here(README, command):
                continue
            if "--fail" in command:
                eventually(lambda: "transcoding.finished" in log.read_text(), 60)
                typed(shell, "kill %1; wait", {})
            output = typed(shell, command, texts)
            if command.startswith("eval"):
                assert "GET /webhooks/" in output, output
        key = typed(shell, 'echo "$CALLBOARD_API_KEY"', {}).strip()
        eventually(lambda: _newest(product.url, key)["state"] == "succeeded", 120, every=0.5)
        # More than the three if it was not listening yet.
        assert _newest(product.url, key)["attempt_count"] >= 3
        assert "signature: valid" in log.read_text()
        assert "NOT VALID" not in log.read_text()
    finally:
        shell.run("kill $(jobs -p); wait")


def _confirmed(command: str) -> str:
    """Questions are answered: the shell's own input is the next command."""
    return f"yes | {command}" if command.startswith("callboard ") else command


def _newest(url: str, key: str) -> Mapping[str, Any]:
    with Callboard(url, key) as callboard:
        return next(iter(callboard.deliveries.list()))


def test_every_command_of_the_client_does_what_its_readme_says(
    shell: Shell, product: Product, receiver: Receiver, tmp_path: Path
) -> None:
    with Callboard(product.url, product.platform_key) as platform:
        for name in ("key", "live"):
            organization = platform.organizations.create(name=name)["id"]
            key = platform.api_keys.create(organization, "tests")["key"]
            (tmp_path / f"{name}.txt").write_text(key)
    typed(shell, f"callboard --profile live login --url {product.url} < live.txt", {})
    lines = (
        '{"type": "encoding.finished", "payload": {"n": 1}}\n',
        '{"type": "a", "payload": {}}\n',
    )
    (tmp_path / "events.ndjson").write_text("".join(lines))
    (tmp_path / ".config/fish/completions").mkdir(parents=True)
    typed(shell, f"export HOME={tmp_path}", {})
    own = (tmp_path / "key.txt").read_text()
    with Callboard(product.url, own) as callboard:
        texts = {
            "yes | callboard login --url https://callboard.example.com     #": (
                f"callboard login --url {product.url} < key.txt #"
            ),
            "http://localhost:3000/hook": receiver.url,
            # The shell is bash.
            'eval "$(callboard completion zsh)"': 'test -n "$(callboard completion zsh)"',
            "--type encoding.finished": "--type encoding.finished --no-follow",
            **_signed(callboard, receiver, tmp_path),
            **_things(callboard, receiver, tmp_path),
        }
        number = 0
        for command in (*collected.commands(CLIENT), *collected.commands(VERIFYING)):
            if is_run_here(CLIENT, command):
                output = typed(shell, _confirmed(command), texts)
                number += 1
                if "test-inboxes create" in command:
                    texts["INBOX"] = next(iter(callboard.test_inboxes.list()))["id"]
                if "jobs show" in command:
                    assert texts["JOB"] in output
    assert number > 35


def _things(callboard: Callboard, receiver: Receiver, directory: Path) -> dict[str, str]:
    """What the placeholders of the document stand for: a failed delivery, its event and webhook, a
    job, and a callback that was received."""
    receiver.respond(status=500)
    policy = {"kind": "schedule", "delays_seconds": []}
    webhook = callboard.webhooks.create(
        url=receiver.url, event_types=["encoding.finished"], retry_policy=policy
    )
    event = callboard.events.create("encoding.finished", {"media_id": "a-1"})
    delivery = event["deliveries"][0]["id"]
    request = receiver.wait_for(len(SCHEMES) + 1)[-1]
    eventually(lambda: callboard.deliveries.get(delivery)["state"] == "failed", 30)
    receiver.respond(status=200)
    _write(request, directory / "body.bin", directory / "head.txt")
    job = callboard.jobs.export("ndjson", state="failed")
    eventually(
        lambda: callboard.jobs.get(job["id"])["state"] not in ("queued", "running"), 60, every=0.2
    )
    return {
        "WEBHOOK": webhook["id"],
        "DELIVERY": delivery,
        "EVENT": event["id"],
        "JOB": job["id"],
        "whsec_...": callboard.webhooks.secret(webhook["id"]),
    }


def _signed(callboard: Callboard, receiver: Receiver, directory: Path) -> dict[str, str]:
    """A callback in each further scheme, and the words that verify it."""
    texts = {}
    for number, scheme in enumerate(SCHEMES, 1):
        webhook = callboard.webhooks.create(
            url=receiver.url, event_types=[f"signed.{scheme}"], signature_scheme=scheme
        )
        callboard.events.create(f"signed.{scheme}", {"media_id": "a-1"})
        body, head = directory / f"{scheme}.bin", directory / f"{scheme}.txt"
        _write(receiver.wait_for(number)[-1], body, head)
        secret = callboard.webhooks.secret(webhook["id"])
        own = f"{body.name} --headers {head.name} --secret {secret} --scheme {scheme}"
        texts[f"{_VERIFY} {scheme}"] = own
    return texts


def _write(request: Received, body: Path, head: Path) -> None:
    body.write_bytes(request.body)
    head.write_text("".join(f"{name}: {value}\n" for name, value in request.headers))
