"""Installs public clients and points them at the running product; see script/conformance."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests

from app.domain.webhooks.presets import PRESETS
from tests.compat.customer import Customer
from tests.support.product import Product
from tests.support.receiver import Received, Receiver

PROGRAMS = Path(__file__).parent / "clients"
INSTALL_SECONDS, RUN_SECONDS = 600, 60
# Every body format finds its fields in it.
PAYLOAD = {"callback_id": "1", "callback_value": "https://a.com/", "callback_format": "video"}


class NotRun(Exception):
    """What was wanting, as a sentence."""


@dataclass(frozen=True)
class Client:
    """package: of its registry, `pypi` or `npm`. program: in script/clients, with its arguments."""

    registry: str
    package: str
    program: tuple[str, ...]
    work: "Callable[[Bench, Client], str]"

    @property
    def name(self) -> str:
        return f"{self.registry}:{self.package}"


@dataclass
class Bench:
    """What a client is tried against, and where it is installed."""

    customer: Customer
    receiver: Receiver
    directory: Path

    def install(self, client: Client) -> list[str]:
        """The command that runs the client's program."""
        home = Path(tempfile.mkdtemp(dir=self.directory))
        program = Path(shutil.copy(PROGRAMS / client.program[0], home))
        if client.registry == "pypi":
            run([sys.executable, "-m", "venv", str(home / "venv")], home)
            python = str(home / "venv" / "bin" / "python")
            run([python, "-m", "pip", "install", "--quiet", client.package], home)
            interpreter = python
        else:
            if not (shutil.which("npm") and shutil.which("node")):
                raise NotRun("There is no npm or no node on PATH.")
            (home / "package.json").write_text('{"private": true}')
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            run(["npm", "install", *quiet, client.package], home)
            interpreter = "node"
        return [interpreter, str(program), *client.program[1:]]

    def start(self, client: Client, **more: str) -> "subprocess.Popen[str]":
        command = self.install(client)
        environ = os.environ | {
            "CALLBOARD": self.customer.url,
            "KEY": self.customer.key,
            "RECEIVER": self.receiver.url,
            **more,
        }
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environ, text=True, **pipes)


def run(command: list[str], home: Path) -> None:
    done = subprocess.run(
        command, cwd=home, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        raise NotRun(f"It could not be installed: {(done.stderr or done.stdout)[-300:].strip()}")


def finish(process: "subprocess.Popen[str]") -> str:
    """What it printed. AssertionError when it failed."""
    out, err = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, err[-600:]
    return str(out).strip()


def render(bench: Bench, client: Client) -> str:
    """Play the farm for a client that posts an edit and polls it; its callback must come."""
    with bench.start(client) as process:
        assert process.stdout is not None
        render_id = process.stdout.readline().strip()
        if render_id:
            payload = {"status": "done", "url": f"https://cdn.example.com/{render_id}.mp4"}
            bench.customer.publish("render.done", payload, source=render_id)
        finish(process)
    [request] = bench.receiver.wait_for(1)
    assert (request.path, request.query) == ("/status.php", "var=foo")
    return "posted an edit, polled it until it was done, and got its callback"


def verify(bench: Bench, client: Client) -> str:
    """Have it verify what each preset sends."""
    customer, receiver = bench.customer, bench.receiver
    paths = {
        f"/{preset}": customer.webhook(f"{receiver.url}/{preset}", preset=preset)
        for preset in PRESETS
    }
    customer.publish("transcoding.finished", PAYLOAD)
    received = receiver.wait_for(len(PRESETS))
    sent = [_sent(request, customer.secret(paths[request.path])) for request in received]
    for webhook_id in paths.values():
        customer("PATCH", f"/api/v1/webhooks/{webhook_id}", json={"is_active": False})
    path = bench.directory / "sent.json"
    path.write_text(json.dumps(sent))
    with bench.start(client, SENT=str(path)) as process:
        finish(process)
    return f"verified what each of the {len(sent)} presets sends, and refused it altered"


def _sent(request: Received, secret: str) -> dict[str, object]:
    body = base64.b64encode(request.body).decode()
    return {"secret": secret, "headers": dict(request.headers), "body": body}


def other(bench: Bench, client: Client) -> str:
    """See what a client of another system asks for, and what this product says to that."""
    bench.receiver.respond(404, [("Content-Type", "application/json")], b"{}")
    with bench.start(client, CALLBOARD=bench.receiver.url) as process:
        process.communicate(timeout=RUN_SECONDS)
    if not bench.receiver.requests:
        return "has no call of its own that manages webhooks"
    asked = bench.receiver.requests[-1]
    kind = {"Content-Type": asked.header("content-type") or "application/json"}
    kind["Authorization"] = f"Bearer {bench.customer.key}"
    url = bench.customer.url + asked.path
    answer = requests.request(asked.method, url, data=asked.body, headers=kind, timeout=30)
    said = f"{asked.method} {asked.path} {asked.body[:120].decode()}".strip()
    return f"asks for `{said}`, which is another system's: {answer.status_code}"


CLIENTS = (
    Client("pypi", "shotstack-sdk", ("shotstack.py",), render),
    Client("npm", "shotstack-sdk", ("shotstack.cjs",), render),
    Client("pypi", "standardwebhooks", ("verify.py", "standardwebhooks"), verify),
    Client("npm", "standardwebhooks", ("verify.cjs", "standardwebhooks"), verify),
    Client("pypi", "svix", ("verify.py", "svix.webhooks"), verify),
    Client("npm", "svix", ("verify.cjs", "svix"), verify),
    Client("pypi", "api.video", ("others.py", "api_video"), other),
    Client("pypi", "livepeer", ("others.py", "livepeer"), other),
    Client("pypi", "cloudflare", ("others.py", "cloudflare"), other),
    Client("pypi", "bitmovin-api-sdk", ("others.py", "bitmovin"), other),
    Client("pypi", "mux-python", ("others.py", "mux"), other),
)


def try_out(client: Client, product: Product, directory: Path) -> bool:
    receiver = Receiver()
    try:
        said = client.work(Bench(Customer(product), receiver, directory), client)
        word = "OTHER" if client.work is other else "PASSED"
    except NotRun as error:
        word, said = "NOT RUN", str(error)
    except (AssertionError, subprocess.SubprocessError) as error:
        word, said = "FAILED", str(error)
    finally:
        receiver.close()
    print(f"{word:8} {client.name}: {said}", flush=True)
    return word != "FAILED"


def main(names: list[str]) -> int:
    chosen = [client for client in CLIENTS if not names or client.name in names]
    if not chosen:
        print(f"Give some of: {' '.join(client.name for client in CLIENTS)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        product = Product(Path(name))
        try:
            product.start()
            passed = [try_out(client, product, Path(name)) for client in chosen]
        finally:
            if product.process is not None:
                product.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
