"""A full disk under PostgreSQL. Takes long: `script/acceptance` runs it."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.ingest import Producers, assert_refused_quickly
from tests.faults.outages import (
    FAULT_SECONDS,
    assert_recovered,
    fill,
    is_healthy,
    mounted,
    posting,
    wait,
)
from tests.support.product import Product
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture
def small_postgres() -> Iterator[tuple[PostgresServer, Path]]:
    """A server on a small disk of its own, which nobody else uses, and the disk."""
    with (
        TemporaryDirectory(prefix="cb-pg-disk-") as directory,
        mounted(Path(directory) / "disk", 100) as disk,
    ):
        if not disk.is_mount():
            pytest.skip("mounting a small disk needs root")
        Path(directory).chmod(0o755)
        server = PostgresServer(disk)
        server.start()
        yield server, disk
        server.close()


@pytest.fixture
def product(small_postgres: tuple[PostgresServer, Path], tmp_path: Path) -> Iterator[Product]:
    running = Product(tmp_path, DATABASE_URL=small_postgres[0].url, LOG_LEVEL="warning")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def producers(product: Product, receiver: Receiver) -> Iterator[Producers]:
    with posting(product, receiver) as running:
        yield running


def test_a_full_disk_of_postgresql_refuses_events_quickly(
    small_postgres: tuple[PostgresServer, Path],
    product: Product,
    producers: Producers,
    receiver: Receiver,
) -> None:
    server, disk = small_postgres
    filler = fill(disk)
    eventually(lambda: any(a.status == 503 for a in producers.answers), 60)
    full = time.monotonic()
    wait(FAULT_SECONDS)
    assert is_healthy(product)
    until = time.monotonic()
    filler.unlink()
    if not server.is_running:
        # It stops when it cannot write its log; whoever supervises it starts it again.
        server.start()
    back = time.monotonic()
    answers = producers.between(full, until - 1.0)
    # What fits into files that exist already is accepted, and arrives as well.
    assert_refused_quickly([response for response in answers if response.status != 202])
    assert_recovered(product, producers, receiver, back)
