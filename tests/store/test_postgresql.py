"""Connections to a PostgreSQL that pauses."""

import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import psycopg
import pytest
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from app.store.postgresql import (
    LONGEST,
    PATIENCE_SECONDS,
    PROBE_SECONDS,
    SLICE_SECONDS,
    Connection,
    ProbeBudget,
    connect_bounded,
    responds,
)

# Longer than one look at the server takes.
PAUSE_SECONDS = 4 * PATIENCE_SECONDS


@pytest.fixture
def connection(postgres_url: str) -> Iterator[psycopg.Connection]:
    with Connection.connect(postgres_url.replace("postgresql+psycopg:", "postgresql:")) as opened:
        yield opened


def test_a_long_statement_ends(connection: psycopg.Connection) -> None:
    row = connection.execute(f"SELECT pg_sleep({PAUSE_SECONDS}), 5").fetchone()
    assert row is not None
    assert row[1] == 5


def test_a_process_with_more_than_a_thousand_descriptors_can_ask(
    connection: psycopg.Connection,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    with ExitStack() as opened:
        while opened.enter_context(Path(os.devnull).open()).fileno() < 1100:
            pass
        assert responds(connection.pgconn)


def test_a_large_statement_is_sent_to_a_backend_that_pauses(
    connection: psycopg.Connection,
) -> None:
    pid = connection.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(PAUSE_SECONDS, os.kill, (pid, signal.SIGCONT))
    timer.start()
    try:
        # More than the buffers of the socket hold.
        row = connection.execute("SELECT length(%s)", ("x" * 20_000_000,)).fetchone()
    finally:
        timer.join()
    assert row == (20_000_000,)
    assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("late", "seconds"),
    [
        pytest.param(0.0, PROBE_SECONDS, id="a process that runs"),
        pytest.param(0.1, 3 * PROBE_SECONDS, id="one that gets a third of a processor"),
        pytest.param(5.0, LONGEST * PROBE_SECONDS, id="one that was stopped"),
    ],
)
def test_a_process_that_is_kept_from_running_gives_the_server_more_time(
    late: float, seconds: float
) -> None:
    now = 100.0
    budget = ProbeBudget(now)
    while budget.seconds:
        now += budget.seconds + late
        budget.waited(now)
    assert seconds - 0.01 <= now - 100.0 <= seconds + late + SLICE_SECONDS + 0.01


class Option(NamedTuple):
    keyword: bytes
    val: bytes | None


@pytest.fixture
def silent(postgres_url: str) -> Iterator[pq.abc.PGconn]:
    """A connection to a server that accepts further ones, and says nothing to them."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        Connection.connect(postgres_url.replace("postgresql+psycopg:", "postgresql:")) as opened,
    ):
        host, port = server.getsockname()
        info = [
            Option(o.keyword, {b"host": host.encode(), b"port": b"%d" % port}.get(o.keyword, o.val))
            for o in opened.pgconn.info
        ]
        current = {"host": host.encode(), "hostaddr": b"", "port": b"%d" % port}
        yield SimpleNamespace(info=info, **current)  # type: ignore[misc]


def test_a_server_that_says_nothing_is_frozen(silent: pq.abc.PGconn) -> None:
    assert responds(silent) is False


def test_a_server_that_answers_another_connection_meanwhile_is_not_frozen(
    silent: pq.abc.PGconn, connection: psycopg.Connection
) -> None:
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            # Longer than no time, so that the connection has to wait for it.
            connection.execute("SELECT pg_sleep(0.02)")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert responds(silent) is True
    finally:
        stop.set()
        asking.join()


def test_a_silent_server_is_left_out_when_another_one_answers(
    silent: pq.abc.PGconn, postgres_url: str
) -> None:
    url = make_url(postgres_url)
    info = conninfo_to_dict(url.set(drivername="postgresql").render_as_string(hide_password=False))
    own = f"{info['host']}:{info.get('port') or 5432}"
    hosts = [f"{silent.host.decode()}:{silent.port.decode()}", own]
    engine = create_engine(url.set(host=None, port=None, query={"host": hosts}))
    connect_bounded(engine)
    with engine.connect() as opened:
        driver: psycopg.Connection = opened.connection.driver_connection
        assert str(driver.info.port) == own.rpartition(":")[2]
        assert responds(driver.pgconn) is True
    engine.dispose()


def test_hosts_and_ports_that_do_not_match_are_an_error_of_the_driver() -> None:
    engine = create_engine("postgresql+psycopg://", connect_args={"host": "a,b", "port": "1,2,3"})
    connect_bounded(engine)
    with pytest.raises(OperationalError, match="3 port numbers to 2 hosts"):
        engine.connect()
