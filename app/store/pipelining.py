"""Send statements to PostgreSQL together, without the cost of a cursor for each.

A statement waits until the result of one is read, or the transaction ends: BEGIN, the statements
and COMMIT then travel in one message, and so do their results. What psycopg does around each
statement takes several times as long as libpq's own work.
"""

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.waiting import Ready, Wait

# OID of the type in PostgreSQL's catalog.
_BYTEA = 17
_TEXT_FORMAT, _BINARY_FORMAT = 0, 1
_BEGIN, _COMMIT = b"BEGIN", b"COMMIT"
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)


class Result:
    """Of a statement that may not be sent yet: reading it sends all that wait."""

    __slots__ = ("_pipeline", "_received")

    def __init__(self, pipeline: "Pipeline") -> None:
        self._pipeline = pipeline
        self._received: pq.abc.PGresult | None = None

    def receive(self, received: pq.abc.PGresult) -> None:
        self._received = received

    @property
    def rowcount(self) -> int:
        """Rows that the statement returned or changed."""
        return self._get().command_tuples or 0

    def fetchall(self) -> list[tuple[Any, ...]]:
        received = self._get()
        self._pipeline.loader.set_pgresult(received)
        return self._pipeline.loader.load_rows(0, received.ntuples, tuple)

    def _get(self) -> pq.abc.PGresult:
        if self._received is None:
            self._pipeline.flush()
        if self._received is None:
            raise psycopg.ProgrammingError("the statement's transaction was rolled back")
        return self._received


class Pipeline:
    """Of one connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._wait = connection.pgconn, connection.wait
        self.loader = Transformer(connection)
        # What to send, in order, and who gets its result.
        self._waiting: list[tuple[Callable[[], None], Result | None]] = []
        self._names: dict[str, bytes] = {}
        self._number = 0
        # Statements that are prepared by what waits.
        self._unprepared: list[str] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, statement: str, parameters: Sequence[Any], *, begins: bool) -> Result:
        """parameters: marked as psycopg wants them. begins: in a transaction, which begins with the
        statement unless one is open."""
        if begins and not self._waiting and self._is_idle:
            self._control(_BEGIN)
        result = Result(self)
        values, formats = _bound(parameters)
        name = self._names.get(statement)
        if name is None:
            self._number += 1
            name = self._names[statement] = b"callboard_%d" % self._number
            self._unprepared.append(statement)
            prepare, text = self._connection.send_prepare, _numbered(statement)
            self._waiting.append((lambda: prepare(name, text), None))
        send = self._connection.send_query_prepared
        self._waiting.append((lambda: send(name, values, formats), result))
        return result

    def commit(self) -> None:
        """With all that waits."""
        self._control(_COMMIT)
        self.flush()

    def clear(self) -> None:
        """Send nothing of what waits, because the transaction is rolled back."""
        self._waiting = []
        for statement in self._unprepared:
            del self._names[statement]
        self._unprepared = []

    def flush(self) -> None:
        """Send what waits and receive the results. Raises the first error; what came after it was
        not executed."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        connection = self._connection
        connection.enter_pipeline_mode()
        for send, _ in waiting:
            send()
        connection.pipeline_sync()
        received = self._wait(_received(connection))
        connection.exit_pipeline_mode()
        for response, (_, result) in zip(received, waiting, strict=True):
            if response.status in _FAILED:
                self.clear()
                raise error_from_result(response, encoding="utf-8")
            if result is not None:
                result.receive(response)
        self._unprepared = []

    @property
    def _is_idle(self) -> bool:
        return self._connection.transaction_status == pq.TransactionStatus.IDLE

    def _control(self, text: bytes) -> None:
        send = self._connection.send_query_params
        self._waiting.append((lambda: send(text, None), None))


def _received(connection: pq.abc.PGconn) -> PQGen[list[pq.abc.PGresult]]:
    """One result for each statement. OperationalError: the connection is lost."""
    results: list[pq.abc.PGresult] = []
    try:
        yield from _receive(connection, results)
    except psycopg.OperationalError:
        # The server's last words may be among what had arrived.
        for result in (*results, connection.get_result()):
            if result is not None and result.error_field(pq.DiagnosticField.SQLSTATE):
                raise error_from_result(result, encoding="utf-8") from None
        raise
    return results


def _receive(connection: pq.abc.PGconn, results: list[pq.abc.PGresult]) -> PQGen[None]:
    while connection.flush():
        if (yield Wait.RW) & Ready.R:
            connection.consume_input()
    while True:
        while connection.is_busy():
            yield Wait.R
            connection.consume_input()
        result = connection.get_result()
        if connection.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(connection.get_error_message())
        if result is None:
            # Between the results of two statements.
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return
        results.append(result)


@lru_cache(maxsize=256)
def _numbered(statement: str) -> bytes:
    """The statement with the marks of PostgreSQL's protocol."""
    first, *others = statement.replace("%b", "%s").split("%s")
    parts = [first, *(f"${n}{part}" for n, part in enumerate(others, 1))]
    return "".join(parts).replace("%%", "%").encode()


def _bound(parameters: Sequence[Any]) -> tuple[list[bytes | None], list[int]]:
    values: list[bytes | None] = []
    formats: list[int] = []
    for parameter in parameters:
        is_binary = _has_bytes(parameter)
        values.append(_byte_strings(parameter) if is_binary else _text(parameter))
        formats.append(_BINARY_FORMAT if is_binary else _TEXT_FORMAT)
    return values, formats


def _has_bytes(parameter: Any) -> bool:
    if not isinstance(parameter, list):
        return False
    return isinstance(next((item for item in parameter if item is not None), None), bytes)


def _text(value: Any) -> bytes | None:
    """value: text, a number, None, or a list of ids or numbers, none of which needs quotes."""
    if value is None:
        return None
    if isinstance(value, list):
        items = ("NULL" if item is None else str(item) for item in value)
        return b"{%s}" % ",".join(items).encode()
    encoded = str(value).encode()
    if b"\0" in encoded:
        # libpq would cut it off there.
        raise psycopg.DataError("text for PostgreSQL cannot contain NUL")
    return encoded


def _byte_strings(values: list[bytes | None]) -> bytes:
    """The binary form of a bytea[]: dimensions, whether there are NULLs, the type of the elements,
    their number and the number of the first one; then each with its length."""
    parts = [struct.pack("!iiIii", 1, 1, _BYTEA, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(struct.pack("!i", -1))
        else:
            parts += (struct.pack("!i", len(value)), value)
    return b"".join(parts)
