"""Statements that are sent to PostgreSQL together."""

import os
import select
import signal
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from app.store.postgresql import PATIENCE_SECONDS, Connection

INSERT = "INSERT INTO numbers (n) VALUES (%s)"
ALL = "SELECT n FROM numbers ORDER BY n"


@pytest.fixture
def opened(postgres_url: str) -> Iterator[Connection]:
    with Connection.connect(postgres_url.replace("postgresql+psycopg:", "postgresql:")) as opened:
        opened.execute("CREATE TEMPORARY TABLE numbers (n integer PRIMARY KEY)")
        opened.commit()
        yield opened


def numbers(opened: Connection) -> list[int]:
    rows = opened.execute(ALL).fetchall()
    opened.rollback()
    return [row[0] for row in rows]


def sent(opened: Connection) -> bool:
    return opened.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE


def test_statements_wait_until_a_result_is_read(opened: Connection) -> None:
    opened.later(INSERT, (1,))
    opened.later(INSERT, (2,))
    rows = opened.later(ALL, ())
    opened.later(INSERT, (3,))
    assert not sent(opened)
    # The one behind it is sent, too.
    assert rows.fetchall() == [(1,), (2,)]
    opened.commit()
    assert numbers(opened) == [1, 2, 3]


def test_statements_that_wait_are_sent_with_the_commit(opened: Connection) -> None:
    result = opened.later(INSERT, (1,))
    opened.commit()
    assert result.rowcount == 1
    assert not sent(opened)
    assert numbers(opened) == [1]


def test_a_cursor_sees_what_was_to_be_sent_before(opened: Connection) -> None:
    opened.later(INSERT, (1,))
    assert opened.execute(ALL).fetchall() == [(1,)]


def test_a_rollback_discards_what_waits(opened: Connection) -> None:
    result = opened.later(INSERT, (1,))
    opened.rollback()
    assert numbers(opened) == []
    with pytest.raises(psycopg.ProgrammingError, match="rolled back"):
        result.fetchall()
    # Prepared anew: it was not when its first use was discarded.
    opened.later(INSERT, (2,))
    opened.commit()
    assert numbers(opened) == [2]


def test_a_transaction_of_which_a_statement_is_refused_stores_nothing(opened: Connection) -> None:
    opened.later(INSERT, (1,))
    opened.later(INSERT, (1,))
    opened.later("INSERT INTO numbers (n) VALUES (%s + 1)", (1,))
    with pytest.raises(psycopg.errors.UniqueViolation):
        opened.commit()
    opened.rollback()
    assert numbers(opened) == []
    opened.later("INSERT INTO numbers (n) VALUES (%s + 1)", (1,))
    opened.commit()
    assert numbers(opened) == [2]


def test_what_comes_after_a_refused_statement_is_not_executed(opened: Connection) -> None:
    refused = opened.later("SELECT 1 / %s::int", (0,))
    behind = opened.later(ALL, ())
    with pytest.raises(psycopg.errors.DivisionByZero):
        behind.fetchall()
    for result in (refused, behind):
        with pytest.raises(psycopg.ProgrammingError):
            result.fetchall()


def test_without_transactions_each_statement_is_stored_by_itself(opened: Connection) -> None:
    opened.autocommit = True
    assert opened.later(INSERT, (1,)).rowcount == 1
    assert not sent(opened)
    opened.autocommit = False
    assert numbers(opened) == [1]


@pytest.mark.parametrize(
    ("cast", "value"),
    [
        ("int", 7),
        ("bigint", -(1 << 62)),
        ("float8", 0.1),
        ("text", "ünï\\code 100 %"),
        ("text", ""),
        ("text", None),
        ("boolean", True),
        ("boolean", False),
    ],
)
def test_values_come_back_as_they_were(opened: Connection, cast: str, value: Any) -> None:
    [row] = opened.later(f"SELECT %s::{cast}, '100 %%'", (value,)).fetchall()
    assert row == (value, "100 %")
    assert type(row[0]) is type(value)


def test_lists_travel_as_arrays(opened: Connection) -> None:
    contents = [b"\x00\xff {,}\\", None, b""]
    rows = opened.later(
        "SELECT n, b FROM ROWS FROM (unnest(%s::bigint[]), unnest(%b::bytea[])) AS r(n, b)",
        ([3, -2, 1], contents),
    ).fetchall()
    assert rows == [(3, contents[0]), (-2, None), (1, b"")]
    assert opened.later("SELECT cardinality(%s::bigint[])", ([],)).fetchall() == [(0,)]
    assert opened.later("SELECT (%s::bigint[])[2]", ([None, 5],)).fetchall() == [(5,)]


def test_text_with_nul_is_refused(opened: Connection) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        opened.later("SELECT %s::text", ("ab\0cd",))


def test_statements_are_prepared_once(opened: Connection) -> None:
    for number in range(3):
        opened.later(INSERT, (number,))
        opened.commit()
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'callboard%'"
    assert opened.execute(prepared).fetchall() == [(1,)]


def test_more_than_the_buffers_hold_reaches_a_backend_that_pauses(opened: Connection) -> None:
    pid = opened.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(4 * PATIENCE_SECONDS, os.kill, (pid, signal.SIGCONT))
    timer.start()
    try:
        echoes = [opened.later("SELECT %s::text", ("x" * 5_000_000,)) for _ in range(3)]
        assert [len(echo.fetchall()[0][0]) for echo in echoes] == [5_000_000] * 3
    finally:
        timer.join()


def test_a_connection_that_ends_is_an_error_of_the_connection(opened: Connection) -> None:
    with psycopg.connect(opened.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (opened.info.backend_pid,))
    opened.later(INSERT, (1,))
    with pytest.raises(psycopg.OperationalError):
        opened.commit()


def test_the_reason_for_which_the_server_ended_a_connection_is_told(opened: Connection) -> None:
    opened.later("SET idle_in_transaction_session_timeout TO '1s'", ())
    assert opened.later("SELECT %s::int", (1,)).fetchall() == [(1,)]
    # Its message waits to be read.
    hung_up = select.poll()
    hung_up.register(opened.pgconn.socket, select.POLLRDHUP)
    assert hung_up.poll(45_000)
    opened.later("SELECT %s::int", (2,))
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        opened.commit()
