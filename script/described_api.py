"""Hold the product against its own description: schemathesis, and clients generated from it.

See script/conformance. Each function does the work of one client, and returns what it did.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from tests.support.product import PLATFORM_KEY

if TYPE_CHECKING:
    from script.conformance import Bench, Client

EXAMPLES = "20"
FUZZ_SECONDS = 2400
# A public generator's module; its runtime comes with the generated module's requirements.
GO_GENERATOR = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@latest"
CASES = re.compile(r"\d+ generated")
# Answers that are not an operation's own are not judged: some requests are meant to be refused.
CONFIGURATION = """\
[checks.positive_data_acceptance]
enabled = false
[checks.negative_data_rejection]
enabled = false
"""


def fuzz(bench: "Bench", client: "Client") -> str:
    """Send schemathesis' valid and invalid requests of every operation. Fails on a status of 500 or
    above, on a response that is not as described, and on a valid request that is refused for a
    reason that its schema could have said (`schemathesis_hooks.py`)."""
    home, python = bench.environment(client)
    (home / "schemathesis.toml").write_text(CONFIGURATION)
    organization = bench.customer.organization_id
    command = [
        str(python.with_name("st")), "--config-file", "schemathesis.toml", "run",
        f"{bench.customer.url}/api/v1/openapi.json",
        "-H", f"Authorization: Bearer {PLATFORM_KEY}",
        "-H", f"Callboard-Organization: {organization}",
        "--phases", "examples,coverage,fuzzing", "-n", EXAMPLES, "--continue-on-failure",
        "--suppress-health-check", "all", "--warnings", "off", "--no-color",
        "--request-timeout", "60",
    ]  # fmt: skip
    environ = os.environ | {
        "IDS": json.dumps(_existing(bench)),
        "PYTHONPATH": str(home / "programs"),
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
    }
    done = _run(command, home, environ, FUZZ_SECONDS, check=False)
    assert done.returncode == 0, done.stdout.partition("= FAILURES")[2][-6000:] or done.stdout
    cases = CASES.search(done.stdout)
    operations = len(_operations(_description(bench, "3.1.0")))
    return f"{cases[0] if cases else '?'} requests of {operations} operations: none failed"


def _existing(bench: "Bench") -> dict[str, Any]:
    """Ids of an object of each kind. What is deleted or suspended is one of its own."""
    create = _creating(bench)
    organization = bench.customer.organization_id
    of_organization = f"/organizations/{organization}"
    webhook = create("/webhooks", {"url": bench.receiver.url})["id"]
    event = create("/events", {"type": "file.received", "payload": {"id": "a-1"}})
    inbox = create("/test-inboxes", {})
    requests.post(inbox["url"], data=b"{}", timeout=30)
    listed = bench.customer("GET", f"/api/v1/test-inboxes/{inbox['id']}/requests")
    member = {"email": "ada@example.com", "role": "member"}
    expendable = create("/organizations", {"name": "Expendable"})["id"]
    ids = {
        "organization_id": organization,
        "webhook_id": webhook,
        "deleteWebhook.webhook_id": create("/webhooks", {"url": bench.receiver.url})["id"],
        "event_id": event["id"],
        "event_type": "file.received",
        "delivery_id": event["deliveries"][0]["id"],
        "number": 1,
        "inbox_id": inbox["id"],
        "deleteTestInbox.inbox_id": create("/test-inboxes", {})["id"],
        "request_id": listed["data"][0]["id"],
        "listener_id": create("/listeners", {})["id"],
        "deleteListener.listener_id": create("/listeners", {})["id"],
        "job_id": create("/jobs", {"kind": "export_csv"})["id"],
        "key_id": create(f"{of_organization}/api-keys", {"name": "fuzzed"})["id"],
        "invitation_id": create(f"{of_organization}/invitations", member)["id"],
    }
    spared = ("deleteOrganization", "suspendOrganization", "resumeOrganization")
    return ids | {f"{operation}.organization_id": expendable for operation in spared}


def _creating(bench: "Bench") -> Callable[[str, Any], Any]:
    """A function that posts a document to a path, with a platform key."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {PLATFORM_KEY}"
    session.headers["Callboard-Organization"] = bench.customer.organization_id

    def create(path: str, document: Any) -> Any:
        url = f"{bench.customer.url}/api/v1{path}"
        response = session.post(url, json=document, timeout=30)
        response.raise_for_status()
        return response.json()

    return create


def generated_python(bench: "Bench", client: "Client") -> str:
    """`openapi-python-client`: every operation has a module that can be imported."""
    home, python = bench.environment(client)
    generator = str(python.with_name("openapi-python-client"))
    description = _description(bench, "3.1.0")
    _write(home, description)
    options = ["--path", "openapi.json", "--meta", "none", "--output-path", "callboard_api"]
    _run([generator, "generate", *options], home)
    program = str(home / "programs" / "generated.py")
    output = _call(bench, [str(python), program], home, PYTHONPATH=str(home))
    count, event_id = output.split()
    assert int(count) == len(_operations(description)), f"{count} operations were generated"
    _check_event(bench, event_id)
    return f"generated all {count} operations, imported them, and posted an event"


def generated_typescript(bench: "Bench", client: "Client") -> str:
    """`openapi-typescript`, with its `openapi-fetch`: types for a strict compiler."""
    home = bench.node_packages(client.package, "openapi-fetch", "typescript@5", "@types/node@20")
    _write(home, _description(bench, "3.1.0"))
    tools = home / "node_modules" / ".bin"
    _run([str(tools / "openapi-typescript"), "openapi.json", "-o", "callboard.d.ts"], home)
    shutil.copy(home / "programs" / "generated.mts", home)
    options = ["--strict", "--target", "es2022", "--module", "nodenext"]
    _run([str(tools / "tsc"), *options, "generated.mts"], home)
    _check_event(bench, _call(bench, ["node", "generated.mjs"], home))
    return "generated types, compiled a program with them, and posted an event"


def generated_go(bench: "Bench", client: "Client") -> str:  # noqa: ARG001
    """`oapi-codegen`, which reads OpenAPI 3.0.3 only."""
    bench.needs("go")
    home = bench.home()
    environ = os.environ | {"GOBIN": str(home / "bin"), "GOFLAGS": "-mod=mod"}
    _run(["go", "install", GO_GENERATOR], home, environ)
    _write(home, _description(bench, "3.0.3"))
    (home / "callboard").mkdir()
    options = ["-generate", "types,client", "-package", "callboard"]
    generator = str(home / "bin" / "oapi-codegen")
    _run([generator, *options, "-o", "callboard/client.go", "openapi.json"], home)
    shutil.copy(home / "programs" / "generated.go", home / "main.go")
    _run(["go", "mod", "init", "example.com/generated"], home, environ)
    _run(["go", "mod", "tidy"], home, environ)
    _run(["go", "build", "-o", "program", "."], home, environ)
    _check_event(bench, _call(bench, [str(home / "program")], home))
    return "generated a client, built a program with it, and posted an event"


def _description(bench: "Bench", version: str) -> dict[str, Any]:
    url = f"{bench.customer.url}/api/v1/openapi.json"
    document: dict[str, Any] = requests.get(url, {"version": version}, timeout=60).json()
    return document


def _operations(description: dict[str, Any]) -> list[str]:
    paths = description["paths"].values()
    return [each["operationId"] for methods in paths for each in methods.values()]


def _write(home: Path, description: dict[str, Any]) -> None:
    (home / "openapi.json").write_text(json.dumps(description))


def _check_event(bench: "Bench", event_id: str) -> None:
    assert bench.customer("GET", f"/api/v1/events/{event_id}")["type"] == "file.received"


def _call(bench: "Bench", command: list[str], home: Path, **more: str) -> str:
    environ = {"CALLBOARD": bench.customer.url, "KEY": bench.customer.key, **more}
    return _run(command, home, os.environ | environ).stdout.strip()


def _run(
    command: list[str],
    home: Path,
    environ: dict[str, str] | None = None,
    seconds: float = 900,
    *,
    check: bool = True,
) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        command, cwd=home, env=environ, capture_output=True, text=True, timeout=seconds, check=False
    )
    if check:
        assert done.returncode == 0, f"{command[0]}: {(done.stdout + done.stderr)[-2000:]}"
    return done
