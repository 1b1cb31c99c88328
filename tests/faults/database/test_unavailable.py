"""A database that is frozen, stopped, read-only, full or locked, on the running product."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.faults.ingest import Producers, assert_refused_quickly
from tests.faults.outages import (
    FAULT_SECONDS,
    assert_recovered,
    fill,
    is_healthy,
    mounted,
    posting,
    running_product,
    running_server,
    wait,
)
from tests.support import children
from tests.support.product import Product
from tests.support.servers.ports import free_port
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """It responds again at the end of each test, and so does the product on it."""
    yield from running_server()


@pytest.fixture(scope="module")
def product_on_postgres(
    postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    yield from running_product(tmp_path_factory.mktemp("product"), DATABASE_URL=postgres.url)


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A directory on a file system of its own, or without the right to mount an ordinary one."""
    with mounted(tmp_path_factory.mktemp("small") / "disk", 24) as disk:
        yield disk


@pytest.fixture(scope="module")
def product_on_sqlite(
    small_disk: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    yield from running_product(small_disk, log=tmp_path_factory.mktemp("product") / "log")


@pytest.fixture
def product_on_two_servers(failover_url: str, tmp_path: Path) -> Iterator[Product]:
    yield from running_product(tmp_path, DATABASE_URL=failover_url)


@pytest.fixture
def product(request: pytest.FixtureRequest) -> Product:
    """The one that the test is about, by the name of its fixture."""
    [name] = [name for name in request.fixturenames if name.startswith("product_on_")]
    running: Product = request.getfixturevalue(name)
    return running


@pytest.fixture
def producers(product: Product, receiver: Receiver) -> Iterator[Producers]:
    with posting(product, receiver) as running:
        yield running


@pytest.mark.usefixtures("product_on_postgres")
def test_a_frozen_database_is_noticed_within_a_second(
    postgres: PostgresServer, product: Product, producers: Producers, receiver: Receiver
) -> None:
    postgres.freeze()
    frozen = time.monotonic()
    try:
        wait(2.0)
        assert is_healthy(product)
        assert requests.get(f"{product.url}/metrics", timeout=45).elapsed.total_seconds() < 6.0
        wait(FAULT_SECONDS)
    finally:
        postgres.thaw()
    thawed = time.monotonic()
    assert_refused_quickly(producers.between(frozen, thawed - 2.0))
    assert_recovered(product, producers, receiver, thawed)


@pytest.mark.parametrize(
    "number",
    [
        # PostgreSQL ends like this at once, much as if it were killed.
        pytest.param(signal.SIGQUIT, marks=pytest.mark.long),
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.long),
    ],
)
@pytest.mark.usefixtures("product_on_postgres")
def test_a_database_that_was_killed_is_used_again_when_it_is_back(
    postgres: PostgresServer,
    product: Product,
    producers: Producers,
    receiver: Receiver,
    number: signal.Signals,
) -> None:
    if number == signal.SIGTERM:
        # A smart shutdown waits for clients; the fast one ends their connections.
        number = signal.SIGINT
    postgres.end(number)
    ended = time.monotonic()
    wait(2.0)
    assert is_healthy(product)
    until = time.monotonic()
    postgres.start()
    started = time.monotonic()
    assert_refused_quickly(producers.between(ended, until))
    assert_recovered(product, producers, receiver, started)


# In script/test, like it, one that is full, and one that is locked.
@pytest.mark.long
@pytest.mark.usefixtures("product_on_postgres")
def test_a_database_that_is_read_only_for_a_while_refuses_events(
    postgres: PostgresServer, product: Product, producers: Producers, receiver: Receiver
) -> None:
    postgres.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    postgres.execute("SELECT pg_reload_conf()")
    wait(1.0)
    since = time.monotonic()
    wait(4.0)
    until = time.monotonic()
    postgres.execute("ALTER SYSTEM RESET ALL", read_only=False)
    postgres.execute("SELECT pg_reload_conf()")
    back = time.monotonic()
    assert_refused_quickly(producers.between(since, until - 1.0))
    assert_recovered(product, producers, receiver, back)


@pytest.mark.usefixtures("product_on_sqlite")
def test_a_locked_sqlite_database_refuses_events(
    product: Product, producers: Producers, receiver: Receiver
) -> None:
    with closing(sqlite3.connect(product.data_dir / "callboard.db", isolation_level=None)) as other:
        other.execute("PRAGMA busy_timeout=10000")
        other.execute("BEGIN IMMEDIATE")
        locked = time.monotonic()
        wait(FAULT_SECONDS)
        assert is_healthy(product)
        until = time.monotonic()
        other.execute("ROLLBACK")
    assert_refused_quickly(producers.between(locked, until - 2.0))
    assert_recovered(product, producers, receiver, until)


HOLDER = """
import fcntl, pathlib, sys, time
lock = pathlib.Path(sys.argv[1]).open("rb+")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


@pytest.mark.long
@pytest.mark.usefixtures("product_on_sqlite")
def test_a_process_that_is_stopped_with_the_write_lock_is_killed(
    product: Product, producers: Producers, receiver: Receiver
) -> None:
    """As a worker would be that gets SIGSTOP in the middle of a transaction."""
    holder = children.start(
        [sys.executable, "-c", HOLDER, str(product.data_dir / "write.lock")],
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    with holder.stdout:
        assert holder.stdout.readline() == b"held\n"
    held = time.monotonic()
    holder.send_signal(signal.SIGSTOP)
    assert holder.wait(45) == -signal.SIGKILL
    killed = time.monotonic()
    assert 9.0 < killed - held < 30.0
    assert_refused_quickly(producers.between(held, killed - 2.0))
    assert_recovered(product, producers, receiver, killed)


@pytest.mark.usefixtures("product_on_sqlite")
def test_a_full_disk_refuses_events_quickly(
    small_disk: Path, product: Product, producers: Producers, receiver: Receiver
) -> None:
    if not small_disk.is_mount():
        pytest.skip("mounting a small disk needs root")
    filler = fill(small_disk)
    # What the log has already may still take some events.
    eventually(lambda: any(a.status == 503 for a in producers.answers), 30)
    full = time.monotonic()
    wait(FAULT_SECONDS)
    assert is_healthy(product)
    until = time.monotonic()
    filler.unlink()
    assert_refused_quickly(producers.between(full, until - 1.0))
    assert_recovered(product, producers, receiver, until)
    with closing(sqlite3.connect(product.data_dir / "callboard.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def moving() -> Iterator[PostgresServer]:
    yield from running_server()


@pytest.fixture
def failover_url(moving: PostgresServer) -> str:
    """Two addresses, of which one has a server at any time, as after a failover."""
    hosts = [f"127.0.0.1:{moving.port}", f"127.0.0.1:{free_port()}"]
    return "postgresql://postgres@/postgres?" + "&".join(f"host={host}" for host in hosts)


@pytest.mark.long
@pytest.mark.usefixtures("product_on_two_servers")
def test_a_database_that_failed_over_to_another_address_is_found(
    moving: PostgresServer,
    failover_url: str,
    product: Product,
    producers: Producers,
    receiver: Receiver,
) -> None:
    moving.end(signal.SIGKILL)
    moving.port = int(failover_url.rpartition(":")[2])
    moving.url = f"postgresql://postgres@127.0.0.1:{moving.port}/postgres"
    moving.start()
    assert_recovered(product, producers, receiver, time.monotonic())
