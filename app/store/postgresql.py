"""Connections to PostgreSQL that notice a server that no longer responds.

A server that vanished or froze keeps its connections: without a bound, a request waits for minutes.
A statement that takes long is not bounded by a fixed time, since it may be busy; instead, the
server is asked over a new connection whether it responds at all.
"""

import select
import time
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.waiting import Ready
from sqlalchemy import Engine, event

from app.store.pipelining import Pipeline, Result

# A statement that takes this long makes us ask, and again each time it has passed.
PATIENCE_SECONDS = 0.3
# How long the server may take to accept a connection. Together below a second.
PROBE_SECONDS = 0.5
# On a busy machine this process, and maybe the server, wait for a processor. A wait that ends later
# than it should counts only for as long as it was to take, up to this many times PROBE_SECONDS.
SLICE_SECONDS, LONGEST = 0.05, 4
# Settings of each connection. The database URL may override each value.
OPTIONS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What psycopg takes beside the parameters of a connection.
_NOT_LIBPQ = frozenset(
    {"autocommit", "prepare_threshold", "context", "row_factory", "cursor_factory"}
)
NO_RESPONSE = "the database server does not respond"


class Connection(psycopg.Connection[Any]):
    """OperationalError within a second when the server does not respond.

    Statements of `later` are sent before whatever else is done with the connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._statements: Pipeline | None = None

    def later(self, statement: str, parameters: Sequence[Any]) -> Result:
        """Execute with the next statement whose result is read, or at the end of the
        transaction."""
        if self._statements is None:
            self._statements = Pipeline(self)
        return self._statements.add(statement, parameters, begins=not self.autocommit)

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        if self._statements:
            self._statements.flush()
        return super().cursor(*arguments, **options)

    def commit(self) -> None:
        if self._statements:
            self._statements.commit()
        else:
            super().commit()

    def rollback(self) -> None:
        if self._statements:
            self._statements.clear()
        super().rollback()

    def wait(
        self, gen: PQGen[Any], interval: float = PATIENCE_SECONDS, timeout: float | None = None
    ) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        return super().wait(_watched(gen, self.pgconn), PATIENCE_SECONDS)


def _watched(gen: PQGen[Any], connection: pq.abc.PGconn) -> PQGen[Any]:
    """Ask the server each time that nothing was ready for as long as an interval.

    The generator is never left and entered again: psycopg's own, in C, cannot be.
    """
    try:
        state = next(gen)
        while True:
            ready = yield state
            if ready & Ready.R:
                _heard.at = time.monotonic()
            if not ready and not responds(connection):
                connection.finish()
                raise psycopg.OperationalError(NO_RESPONSE)
            state = gen.send(ready)
    except StopIteration as ended:
        return ended.value


def responds(connection: pq.abc.PGconn) -> bool:
    """Whether the server of a connection accepts, or at least refuses, another one in time."""
    options = {
        option.keyword.decode(): option.val.decode()
        for option in connection.info
        if option.val and option.keyword != b"replication"
    }
    # The one of several to which it leads.
    for name in ("host", "hostaddr", "port"):
        options[name] = getattr(connection, name).decode()
    return any(_answered([psycopg.conninfo.make_conninfo("", **options)]))


class ProbeBudget:
    """Seconds that the server has had, on a clock that hardly goes on while this process is kept
    from running. now: monotonic seconds."""

    def __init__(self, now: float) -> None:
        self._last, self._left = now, PROBE_SECONDS
        self._ends = now + LONGEST * PROBE_SECONDS

    @property
    def seconds(self) -> float:
        """How long to wait next; 0: it has had enough."""
        return max(0.0, min(self._left, SLICE_SECONDS))

    def waited(self, now: float) -> None:
        self._left -= min(now - self._last, SLICE_SECONDS)
        self._last = now
        if now >= self._ends:
            self._left = 0.0


class _Heard:
    """When any connection of this process last received something. One server serves them all."""

    at = float("-inf")


_heard = _Heard()


class _Probe:
    """A connection that is being opened."""

    def __init__(self, conninfo: str) -> None:
        self.connection = pq.PGconn.connect_start(conninfo.encode())
        self.advance()

    def advance(self) -> None:
        """Call it when the socket is ready."""
        self._state = self.connection.connect_poll()

    @property
    def is_answered(self) -> bool:
        return self._state in (pq.PollingStatus.OK, pq.PollingStatus.FAILED)

    @property
    def awaited(self) -> int:
        return select.POLLIN if self._state == pq.PollingStatus.READING else select.POLLOUT


def _answered(servers: list[str]) -> list[bool]:
    """Which servers accept or refuse a connection in time; all are asked at once."""
    began = time.monotonic()
    budget = ProbeBudget(began)
    probes = [_Probe(conninfo) for conninfo in servers]
    try:
        while waiting := [probe for probe in probes if not probe.is_answered]:
            # Not select(), which fails above 1,023 open descriptors.
            poll = select.poll()
            for probe in waiting:
                poll.register(probe.connection.socket, probe.awaited)
            ready = {descriptor for descriptor, _ in poll.poll(budget.seconds * 1000)}
            if ready:
                for probe in waiting:
                    if probe.connection.socket in ready:
                        probe.advance()
                continue
            budget.waited(time.monotonic())
            if len(probes) == 1 and _heard.at > began:
                # A server that answers another connection is busy, not frozen.
                return [True]
            if not budget.seconds:
                break
        return [probe.is_answered for probe in probes]
    finally:
        for probe in probes:
            probe.connection.finish()


def _servers(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """`host` and `port` of each server. One without them: the parameters name one server, or libpq
    will say what is wrong with them."""
    hosts = str(parameters.get("host", "")).split(",")
    ports = str(parameters.get("port", "")).split(",")
    if len(ports) == 1:
        ports *= len(hosts)
    if len(hosts) == 1 or len(hosts) != len(ports) or "hostaddr" in parameters:
        return [{}]
    return [{"host": host, "port": port} for host, port in zip(hosts, ports, strict=True)]


def connect_bounded(engine: Engine) -> None:
    """Have `engine` open such connections."""

    def connect(_dialect: object, _record: object, arguments: Any, options: dict[str, Any]) -> Any:
        bounded = {**OPTIONS, **options}
        # libpq takes no timeout below two seconds. Connections are opened rarely.
        libpq = {n: v for n, v in bounded.items() if n not in _NOT_LIBPQ and v is not None}
        servers = _servers(libpq)
        answered = _answered(
            [psycopg.conninfo.make_conninfo(*arguments, **libpq | each) for each in servers]
        )
        if not any(answered):
            raise psycopg.OperationalError(NO_RESPONSE)
        # A host without power would cost two seconds of each connection.
        chosen = list(compress(servers, answered))
        names = {name: ",".join(each[name] for each in chosen) for name in chosen[0]}
        return Connection.connect(*arguments, **bounded | names)

    event.listen(engine, "do_connect", connect)
