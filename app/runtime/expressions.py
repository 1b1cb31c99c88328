"""Evaluate tenants' expressions: provably cheap ones here, all others in a sandbox.

Never call these functions in a transaction: they may wait.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future

import msgspec

from app.domain.bodies.formats import render_cheaply
from app.domain.bodies.spec import Body, BodySpec, CannotRender
from app.domain.common.errors import Unavailable
from app.domain.events.event import EventFacts
from app.domain.expressions.meter import MAX_UNITS
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import FilterVerdict
from app.domain.webhooks.matching import sandboxed_filters
from app.runtime.context import runtime
from app.runtime.event_loop import about_to_wait
from app.runtime.sandbox.expression_tasks import EVENT_UNITS
from app.runtime.sandbox.places import place_of
from app.runtime.sandbox.pool import Busy, Limits, Sandbox, Stopped

# Ten times the budget of the meter: a safety net for what it does not count.
_LIMITS = Limits("app.runtime.sandbox.expression_tasks", memory=512 << 20, cpu=0.5, wall=10.0)
# Queued bodies per organization in a worker.
_WAITING = 256
# Seconds that a request waits, each time.
_WAIT_SECONDS = 2.0
_STOPPED = "Stopped: used too much {} for this event."
_BUSY = "Too many filter evaluations are waiting for this organization."

_decode_verdict = msgspec.msgpack.Decoder(FilterVerdict).decode
_decode_body = msgspec.msgpack.Decoder(tuple[str, bytes, str]).decode


def new_sandbox() -> Sandbox:
    return Sandbox(_LIMITS, waiting=_WAITING)


def verdicts_of(
    organization_id: str, event: EventFacts, webhooks: Iterable[WebhookFacts]
) -> dict[str, FilterVerdict]:
    """The verdicts that the Matcher needs for these webhooks. Unavailable."""
    texts = sandboxed_filters(event, webhooks)
    return judge_filters(organization_id, event, texts) if texts else {}


def judge_filters(
    organization_id: str, event: EventFacts, texts: Sequence[str]
) -> dict[str, FilterVerdict]:
    """Evaluate filters in the sandbox. Unavailable if the organization's queue is too long.
    WouldWait on an event loop."""
    about_to_wait()
    try:
        with place_of(runtime().sandbox_places, organization_id):
            return _judge(organization_id, event, texts)
    except Busy as error:
        raise Unavailable(_BUSY) from error


def _judge(
    organization_id: str, event: EventFacts, texts: Sequence[str]
) -> dict[str, FilterVerdict]:
    verdicts: dict[str, FilterVerdict] = {}
    left, units = list(texts), EVENT_UNITS
    while left:
        stopped: Stopped | None = None
        try:
            steps = (
                runtime()
                .expression_sandbox()
                .run(
                    organization_id,
                    "judge",
                    _fields(event),
                    left,
                    units,
                    wait=_WAIT_SECONDS,
                )
            )
        except Stopped as error:
            if not error.by_task:
                raise Unavailable(_BUSY) from error
            stopped, steps = error, error.steps
        except OSError as error:
            raise Unavailable(_BUSY) from error
        for text, step in zip(left, steps, strict=False):
            verdicts[text] = _decode_verdict(step)
            units -= verdicts[text].units
        left = left[len(steps) :]
        if stopped is not None and left:
            detail = _STOPPED.format(stopped.reason)
            verdicts[left.pop(0)] = FilterVerdict(matched=False, detail=detail, over_budget=True)
            units -= MAX_UNITS
    return verdicts


def render_body(organization_id: str, spec: BodySpec, event: EventFacts) -> Body:
    """The body of `event`. It may wait for the sandbox. CannotRender."""
    body = render_cheaply(spec, event)
    if body is not None:
        return body
    rendering = start_body(runtime().expression_sandbox(), organization_id, spec, event)
    return finish_body(rendering, _WAIT_SECONDS)


def start_body(
    sandbox: Sandbox, organization_id: str, spec: BodySpec, event: EventFacts
) -> Future[list[bytes]] | None:
    """Render a body in the sandbox; None if the organization's queue is full."""
    assert spec.expression is not None
    try:
        return sandbox.submit(
            organization_id, "shape", _fields(event), spec.encoding, spec.expression
        )
    except Busy:
        return None


def finish_body(rendering: Future[list[bytes]] | None, wait: float | None = None) -> Body:
    """The result of `start_body`. CannotRender."""
    if rendering is None:
        raise CannotRender("sandbox", "too many bodies are waiting")
    try:
        [step] = rendering.result(wait)
    except Stopped as error:
        if not error.by_task:
            raise CannotRender("sandbox", f"the sandbox ended: {error.reason}") from error
        raise CannotRender("over_budget", _STOPPED.format(error.reason)) from error
    except TimeoutError as error:
        rendering.cancel()
        raise CannotRender("sandbox", "too many bodies are waiting") from error
    except OSError as error:
        raise CannotRender("sandbox", "no process can be started") from error
    kind, content, detail = _decode_body(step)
    if detail:
        raise CannotRender(kind, detail)
    return Body(kind, content)


def _fields(event: EventFacts) -> list[object]:
    return [event.id, event.type, event.source, event.occurred_at, event.payload]
