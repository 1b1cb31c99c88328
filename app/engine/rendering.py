"""Bodies that the sandbox renders while the dispatcher continues."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from app.domain.bodies.formats import render_cheaply
from app.domain.bodies.spec import CannotRender
from app.engine.claims import Claim
from app.runtime.expressions import start_body
from app.runtime.sandbox.pool import SandboxOfProcess

_Rendering = Future[list[bytes]]


class Renderer:
    """Bodies that the sandbox renders, taken in the order in which they are ready.

    wake: called by other threads when a body is ready.
    """

    def __init__(self, sandbox: SandboxOfProcess, wake: Callable[[], None]) -> None:
        self._sandbox = sandbox
        self._wake = wake
        self._lock = threading.Lock()
        self._ready: deque[tuple[Claim, _Rendering]] = deque()
        self._is_closed = False

    def start(self, claim: Claim) -> bool:
        """Whether the claim has to wait for its body. CannotRender."""
        spec, event = claim.webhook.facts.body, claim.event
        if spec.format != "custom" or claim.body is not None or event is None:
            return False
        claim.body = render_cheaply(spec, event)
        if claim.body is not None:
            return False
        claim.is_sandboxed = True
        rendering = start_body(self._sandbox(), claim.organization_id, spec, event)
        if rendering is None:
            raise CannotRender("sandbox", "too many of the organization's bodies wait")
        rendering.add_done_callback(lambda done: self._add(claim, done))
        return True

    @property
    def first(self) -> Claim | None:
        """The claim that `take` returns next."""
        return self._ready[0][0] if self._ready else None

    def take(self) -> tuple[Claim, _Rendering]:
        return self._ready.popleft()

    def close(self) -> None:
        """`wake` is not called any more."""
        with self._lock:
            self._is_closed = True

    def _add(self, claim: Claim, rendering: _Rendering) -> None:
        with self._lock:
            if not self._is_closed:
                self._ready.append((claim, rendering))
                self._wake()
