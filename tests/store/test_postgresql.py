"""Connections to a PostgreSQL that pauses."""

import os
import signal
import threading
from collections.abc import Iterator

import psycopg
import pytest

from app.store.postgresql import PATIENCE_SECONDS, Connection

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
