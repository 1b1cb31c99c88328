"""What the tests of databases that are away have in common."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.faults.ingest import Producers
from tests.support.product import Product
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

FAULT_SECONDS = 4.0
# From the end of a fault to the first accepted event.
BACK_SECONDS = 9.0
# Of all processes: each says once that the database is away, and once that it is back.
MAX_LINES = 60


def running_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.close()


def running_product(directory: Path, log: Path | None = None, **settings: str) -> Iterator[Product]:
    # The lines of each request say nothing about the database.
    product = Product(directory, LOG_LEVEL="warning", **settings)
    product.log = log or product.log
    product.start()
    yield product
    product.stop()


@contextmanager
def posting(product: Product, receiver: Receiver) -> Iterator[Producers]:
    """Producers whose events one webhook gets; some were accepted."""
    organization_id = product.create_organization()
    created = product.api("POST", "/api/v1/webhooks", {"url": receiver.url}, org=organization_id)
    assert created.status_code == 201
    running = Producers(product, organization_id, said=len(product.output())).start()
    try:
        eventually(lambda: len(running.accepted) > 20)
        yield running
    finally:
        running.stop()


def wait(seconds: float) -> None:
    until = time.monotonic() + seconds
    eventually(lambda: time.monotonic() > until, seconds + 5)


def is_healthy(product: Product) -> bool:
    began = time.monotonic()
    response = requests.get(f"{product.url}/healthz", timeout=45)
    return response.ok and time.monotonic() - began < 5.0


def assert_recovered(
    product: Product, producers: Producers, receiver: Receiver, since: float
) -> None:
    """Events are accepted soon after the fault, each is delivered, and there was never a 500."""
    eventually(lambda: any(a.status < 300 and a.at > since for a in producers.answers), 30)
    back = min(a.at for a in producers.answers if a.status < 300 and a.at > since)
    assert back - since < BACK_SECONDS
    producers.stop()
    assert {reply.status for reply in producers.answers} <= {202, 200, 201, 503}
    expected = len(producers.accepted)
    received = lambda: len({r.header("webhook-id") for r in receiver.requests})  # noqa: E731
    eventually(lambda: received() >= expected, 60)
    # The line of each request, of which there is a bounded number a second, is about the request.
    said = product.output()[producers.said :]
    lines = [n for n in said.splitlines() if " request request_id=" not in n]
    assert "Traceback" not in said, said
    assert len(lines) < MAX_LINES, "\n".join(lines[: 2 * MAX_LINES])


@contextmanager
def mounted(directory: Path, megabytes: int) -> Iterator[Path]:
    """A file system of this size; without the right to mount one, an ordinary directory."""
    directory.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "callboard-test", str(directory)]
    done = subprocess.run(["mount", *options], capture_output=True, check=False)
    try:
        yield directory
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(disk: Path) -> Path:
    """A file that takes all that is left."""
    filler = disk / "filler"
    # Without a buffer: what could not be written would be tried again by close().
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 65_536)
    return filler
