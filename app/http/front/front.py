"""Decide where a whole request goes: to the kernel, here or in a thread, or to the pages.

A request that waits only for the commit of its event needs no thread: it awaits the committing
thread, which responds for a whole group at once.
"""

import asyncio
from contextvars import copy_context
from functools import partial

from flask import Flask

from app.domain.common.errors import Unavailable
from app.http import errors, kernel
from app.http.flask_adapter import FALLBACK, Target, client_address, locator
from app.http.front.arrived import Arrived, Reply
from app.http.front.limits import Limits
from app.http.front.pages import PageRun
from app.http.front.pending import PendingRequests
from app.http.front.pool import Full, Pool
from app.http.front.reading import SMALL, Refused
from app.http.front.waiting import WaitingRequests
from app.http.messages import Request, Response, Waiting
from app.http.protection import headers_of_all
from app.http.routes import Resource, Surface
from app.runtime.context import runtime_of
from app.runtime.event_loop import WouldWait
from app.services.events.judging import Unjudged

API_THREADS, PAGE_THREADS = 8, 16
# They look whether there is a response to a request that waits for an announcement.
WAITING_THREADS = 4
# Requests that may wait for a thread.
WAITING = 512
_BUSY = "Too many requests are waiting. Retry the request."


class Front:
    """All methods are for the event loop's thread."""

    def __init__(self, app: Flask, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self._app, self.limits, self._loop = app, limits, loop
        self._fallback: Surface = app.extensions[FALLBACK]
        # What the kernel calls here finds the application's runtime in it.
        self._context = copy_context()
        self._context.run(app.app_context().push)
        self._runtime = runtime_of(app)
        self._locate = locator(app)
        self._more_headers = headers_of_all(self._runtime.settings)
        self._proxies = self._runtime.settings.trusted_proxies
        self._pending = PendingRequests(self._runtime, loop, limits.commit, self._complete)
        self._api = Pool("api", API_THREADS, WAITING)
        self._pages = Pool("pages", PAGE_THREADS, WAITING)
        # All of them look at once when Redis is back, or at a stop.
        looks = Pool("waiting", WAITING_THREADS, limits.connections)
        self.waiting = WaitingRequests(self._runtime.topics, loop, looks, self._send)

    def body_limit(self, arrived: Arrived) -> int:
        """How many bytes of a request's body are worth keeping."""
        target = self._target(arrived)
        if target is None:
            return self.limits.discarded
        route = target.resource.routes.get(arrived.method)
        if route is None or route.body is None:
            return 0
        return route.body.limit(self._runtime.settings)

    def handle(self, arrived: Arrived, reply: Reply) -> None:
        target = self._target(arrived)
        if target is None or target.needs_flask:
            self._run_page(arrived, reply)
            return
        exchange = kernel.Exchange(
            target.surface, target.resource, self._request(arrived, target.ids), self._runtime
        )
        if exchange.may_begin_on_loop and arrived.size <= SMALL:
            exchange.request.receiver = self._pending
            try:
                outcome = self._context.run(exchange.begin)
            except WouldWait:
                pass
            else:
                if isinstance(outcome, Response):
                    self._send(outcome, reply)
                else:
                    assert not isinstance(outcome, Waiting), "its route begins in a thread"
                    self._pending.add(outcome.entry, exchange, reply)
                return
        self._run_exchange(exchange, reply)

    def refuse(self, arrived: Arrived | None, refused: Refused, reply: Reply) -> None:
        """Respond to an invalid request, in the shape of the surface that it was meant for."""
        unread = Arrived("GET", "/", (1, 1), {}, reply.peer, "http")
        target = None if arrived is None else self._target(arrived)
        surface = self._fallback if target is None else target.surface
        exchange = kernel.Exchange(
            surface, Resource("", {}), self._request(arrived or unread, {}), self._runtime
        )
        error = errors.HttpError(refused.status, refused.code, refused.title, refused.detail)
        if refused.status == 503:
            error.headers = (("Retry-After", "1"),)
        self._send(exchange.refuse(error), reply)

    def _complete(self, exchange: kernel.Exchange, reply: Reply, outcome: object) -> None:
        if isinstance(outcome, Unjudged):
            # Nothing was stored: its filters must run first, in a thread.
            self._run_exchange(exchange, reply)
        else:
            self._send(self._context.run(exchange.complete, outcome), reply)

    def _target(self, arrived: Arrived) -> Target | None:
        # What the pages say to an upgrade counts for all paths.
        if "upgrade" in arrived.headers:
            return None
        return self._locate(arrived.method, arrived.path)

    def _request(self, arrived: Arrived, ids: dict[str, str]) -> Request:
        peer = arrived.peer.client[0]
        forwarded = arrived.headers.get("x-forwarded-for") if self._proxies else None
        return Request(
            method=arrived.method,
            path=arrived.path,
            query_string=arrived.query.encode("latin-1"),
            headers=arrived.headers,
            read_body=arrived.read_body,
            ids=ids,
            remote_address=client_address(peer, forwarded, self._proxies),
            scheme=arrived.scheme,
        )

    def _run_exchange(self, exchange: kernel.Exchange, reply: Reply) -> None:
        exchange.request.receiver = None
        try:
            self._api.run(partial(self._begin_in_thread, exchange, reply))
        except Full:
            self._send(exchange.refuse(Unavailable(_BUSY)), reply)

    def _begin_in_thread(self, exchange: kernel.Exchange, reply: Reply) -> None:
        # Leaving the app context also returns the database session.
        with self._app.app_context():
            response = exchange.begin()
        if isinstance(response, Waiting):
            self._loop.call_soon_threadsafe(self.waiting.add, exchange, response, reply)
            return
        assert isinstance(response, Response), "without a receiver nothing is pending"
        self._loop.call_soon_threadsafe(self._send, response, reply)

    def _run_page(self, arrived: Arrived, reply: Reply) -> None:
        run = PageRun(self._app.wsgi_app, arrived, reply, self._loop, self.limits.write)
        try:
            self._pages.run(run.run)
        except Full:
            self.refuse(arrived, Refused(503, _BUSY), reply)

    def _send(self, response: Response, reply: Reply) -> None:
        headers = [*response.headers, *self._more_headers]
        reply.send(response.status, headers, response.document)
