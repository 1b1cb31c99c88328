"""Tenants' expressions: the provably cheap ones here, all others in a sandbox.

Never call these in a transaction: they may wait.
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
from app.runtime.sandbox import Busy, Limits, Sandbox, Stopped, of_process
from app.runtime.sandbox_expressions import EVENT_UNITS

# Ten times the budget: only what the accounting does not see gets there.
_LIMITS = Limits("app.runtime.sandbox_expressions", memory=512 << 20, cpu=0.5, wall=10.0)
# One organization's tasks in the queue of a process, and seconds that a request waits in it.
_WAITING, _WAIT_SECONDS = 256, 2.0
_STOPPED = "It was stopped: it took too much {} on this event."
_BUSY = "This organization's filters are too busy just now."

_decode_verdict = msgspec.msgpack.Decoder(FilterVerdict).decode
_decode_body = msgspec.msgpack.Decoder(tuple[str, bytes, str]).decode

sandbox = of_process(lambda: Sandbox(_LIMITS, waiting=_WAITING))


def verdicts_of(
    organization_id: str, event: EventFacts, webhooks: Iterable[WebhookFacts]
) -> dict[str, FilterVerdict]:
    """What the Matcher needs to match these webhooks. Unavailable."""
    texts = sandboxed_filters(event, webhooks)
    return judge_filters(organization_id, event, texts) if texts else {}


def judge_filters(
    organization_id: str, event: EventFacts, texts: Sequence[str]
) -> dict[str, FilterVerdict]:
    """In the sandbox. Unavailable: they wait for too long behind the organization's others."""
    verdicts: dict[str, FilterVerdict] = {}
    left, units = list(texts), EVENT_UNITS
    while left:
        stopped: Stopped | None = None
        try:
            steps = sandbox().run(
                organization_id, "judge", _fields(event), left, units, wait=_WAIT_SECONDS
            )
        except Stopped as error:
            if not error.by_task:
                raise Unavailable(_BUSY) from error
            stopped, steps = error, error.steps
        except (Busy, OSError) as error:
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
    """The body of `event`, for a caller that can wait. CannotRender."""
    body = render_cheaply(spec, event)
    if body is not None:
        return body
    rendering = start_body(organization_id, spec, event)
    return finish_body(rendering, _WAIT_SECONDS)


def start_body(
    organization_id: str, spec: BodySpec, event: EventFacts
) -> Future[list[bytes]] | None:
    """Have the sandbox shape a body that `render_cheaply` does not; None: it is too busy."""
    assert spec.expression is not None
    try:
        return sandbox().submit(
            organization_id, "shape", _fields(event), spec.encoding, spec.expression
        )
    except Busy:
        return None


def finish_body(rendering: Future[list[bytes]] | None, wait: float | None = None) -> Body:
    """What came of `start_body`. CannotRender."""
    if rendering is None:
        raise CannotRender("sandbox", "too many of the organization's bodies wait")
    try:
        [step] = rendering.result(wait)
    except Stopped as error:
        if not error.by_task:
            raise CannotRender("sandbox", f"the sandbox ended: {error.reason}") from error
        raise CannotRender("over_budget", _STOPPED.format(error.reason)) from error
    except TimeoutError as error:
        rendering.cancel()
        raise CannotRender("sandbox", "too many of the organization's bodies wait") from error
    except OSError as error:
        raise CannotRender("sandbox", "no process can be started") from error
    kind, content, detail = _decode_body(step)
    if detail:
        raise CannotRender(kind, detail)
    return Body(kind, content)


def _fields(event: EventFacts) -> list[object]:
    return [event.id, event.type, event.source, event.occurred_at, event.payload]
