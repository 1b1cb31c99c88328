"""Install public clients and run them against the product; see script/conformance."""

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
from script import described_api
from script.svix_packages import running as svix_packages
from script.svix_packages.caller import Refused, Unsent
from tests.compat.customer import Customer
from tests.support.product import PLATFORM_KEY, Product
from tests.support.servers.receiver import Received, Receiver

PROGRAMS = Path(__file__).parent / "clients"
INSTALL_SECONDS, RUN_SECONDS = 600, 60
# Every body format finds its fields in it.
PAYLOAD = {"callback_id": "1", "callback_value": "https://a.com/", "callback_format": "video"}


class NotRun(Exception):
    """A client could not be run. The message says what is missing."""


@dataclass(frozen=True)
class Client:
    """registry: `pypi`, `npm`, `go` and the like. program: file in script/clients, and arguments;
    none for svix_walk."""

    registry: str
    package: str
    program: tuple[str, ...]
    work: "Callable[[Bench, Client], str]"

    @property
    def name(self) -> str:
        return f"{self.registry}:{self.package}"


@dataclass
class Bench:
    """What a client runs against, and the directory it is installed in."""

    customer: Customer
    receiver: Receiver
    directory: Path

    def home(self) -> Path:
        """A new directory with the programs, which may import each other."""
        home = Path(tempfile.mkdtemp(dir=self.directory))
        shutil.copytree(PROGRAMS, home / "programs")
        return home

    def environment(self, client: Client) -> tuple[Path, Path]:
        """A home, and the Python of a virtual environment with the package."""
        home = self.home()
        run([sys.executable, "-m", "venv", str(home / "venv")], home)
        python = home / "venv" / "bin" / "python"
        run([str(python), "-m", "pip", "install", "--quiet", client.package], home)
        return home, python

    def node_packages(self, *packages: str) -> Path:
        """A home with the packages."""
        self.needs("npm", "node")
        home = self.home()
        (home / "package.json").write_text('{"private": true}')
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(["npm", "install", *quiet, *packages], home)
        return home

    @staticmethod
    def needs(*programs: str) -> None:
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            raise NotRun(f"Not on PATH: {', '.join(missing)}.")

    def install(self, client: Client) -> list[str]:
        """Install the client. Returns the command that runs its program."""
        if client.registry == "pypi":
            home, python = self.environment(client)
            interpreter = str(python)
        else:
            home, interpreter = self.node_packages(client.package), "node"
        return [interpreter, str(home / "programs" / client.program[0]), *client.program[1:]]

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
        raise NotRun(f"Installation failed: {(done.stderr or done.stdout)[-300:].strip()}")


def finish(process: "subprocess.Popen[str]") -> str:
    """Return the output. AssertionError if the program failed."""
    out, err = process.communicate(timeout=RUN_SECONDS)
    assert process.returncode == 0, err[-600:]
    return str(out).strip()


def render(bench: Bench, client: Client) -> str:
    """Act as the render farm for a client that posts an edit and polls it. Expects its callback."""
    with bench.start(client) as process:
        assert process.stdout is not None
        render_id = process.stdout.readline().strip()
        if render_id:
            payload = {"status": "done", "url": f"https://cdn.example.com/{render_id}.mp4"}
            bench.customer.publish("render.done", payload, source=render_id)
        finish(process)
    [request] = bench.receiver.wait_for(1)
    assert (request.path, request.query) == ("/status.php", "var=foo")
    return "posted an edit, polled it until it was done, and received its callback"


def verify(bench: Bench, client: Client) -> str:
    """Let the client verify a signed delivery of each preset."""
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
    return f"verified a delivery of each of the {len(sent)} presets, and rejected altered bodies"


def _sent(request: Received, secret: str) -> dict[str, object]:
    body = base64.b64encode(request.body).decode()
    return {"secret": secret, "headers": dict(request.headers), "body": body}


def svix_walk(bench: Bench, client: Client) -> str:
    """Call every method that a `svix` package declares. Each works, or its answer is 501."""
    environ = os.environ | {"CALLBOARD": bench.customer.url, "KEY": PLATFORM_KEY}
    try:
        return svix_packages.run(client.name, bench.directory, environ, bench.receiver.url)
    except svix_packages.NotInstalled as error:
        raise NotRun(str(error)) from None


def other(bench: Bench, client: Client) -> str:
    """Record the request of a client for another system, and how this product responds."""
    bench.receiver.respond(404, [("Content-Type", "application/json")], b"{}")
    with bench.start(client, CALLBOARD=bench.receiver.url) as process:
        process.communicate(timeout=RUN_SECONDS)
    if not bench.receiver.requests:
        return "has no call that manages webhooks"
    request = bench.receiver.requests[-1]
    kind = {"Content-Type": request.header("content-type") or "application/json"}
    kind["Authorization"] = f"Bearer {bench.customer.key}"
    url = bench.customer.url + request.path
    response = requests.request(request.method, url, data=request.body, headers=kind, timeout=30)
    summary = f"{request.method} {request.path} {request.body[:120].decode()}".strip()
    return f"requests `{summary}`, which is another system's: {response.status_code}"


CLIENTS = (
    Client("pypi", "schemathesis", (), described_api.fuzz),
    Client("pypi", "openapi-python-client", (), described_api.generated_python),
    Client("npm", "openapi-typescript", (), described_api.generated_typescript),
    Client("go", "oapi-codegen", (), described_api.generated_go),
    Client("pypi", "shotstack-sdk", ("shotstack.py",), render),
    Client("npm", "shotstack-sdk", ("shotstack.cjs",), render),
    Client("pypi", "standardwebhooks", ("verify.py", "standardwebhooks"), verify),
    Client("npm", "standardwebhooks", ("verify.cjs", "standardwebhooks"), verify),
    Client("pypi", "svix", ("verify.py", "svix.webhooks"), verify),
    Client("npm", "svix", ("verify.cjs", "svix"), verify),
    *(Client(*name.split(":"), (), svix_walk) for name in svix_packages.KNOWN),
    Client("pypi", "api.video", ("others.py", "api_video"), other),
    Client("pypi", "livepeer", ("others.py", "livepeer"), other),
    Client("pypi", "cloudflare", ("others.py", "cloudflare"), other),
    Client("pypi", "bitmovin-api-sdk", ("others.py", "bitmovin"), other),
    Client("pypi", "mux-python", ("others.py", "mux"), other),
)


def run_client(client: Client, product: Product, directory: Path) -> bool:
    receiver = Receiver()
    try:
        result = client.work(Bench(Customer(product), receiver, directory), client)
        word = "OTHER" if client.work is other else "PASSED"
    except NotRun as error:
        word, result = "NOT RUN", str(error)
    except (AssertionError, Refused, Unsent, subprocess.SubprocessError) as error:
        word, result = "FAILED", str(error)
    finally:
        receiver.close()
    print(f"{word:8} {client.name}: {result}", flush=True)
    return word != "FAILED"


def main(names: list[str]) -> int:
    selected = [client for client in CLIENTS if not names or client.name in names]
    if not selected:
        print(
            f"Unknown client. Clients: {' '.join(client.name for client in CLIENTS)}",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory(prefix="conformance-") as name:
        product = Product(Path(name))
        try:
            product.start()
            passed = [run_client(client, product, Path(name)) for client in selected]
        finally:
            if product.process is not None:
                product.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
