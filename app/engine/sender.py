"""Turn claims into HTTP transfers, and outcomes into results."""

import logging
import random
from typing import cast

import msgspec

from app.domain.bodies.formats import DERIVABLE
from app.domain.bodies.spec import Body, CannotRender
from app.domain.common.clock import now_ms
from app.domain.deliveries.composing import Composed, with_authorization
from app.domain.deliveries.verdicts import judge
from app.engine.claims import Claim, Result
from app.engine.recording.traces import begin_attempt, with_header
from app.engine.rendering import Renderer
from app.engine.tokens import Tokens
from app.runtime.expressions import finish_body
from app.runtime.sandbox.pool import SandboxOfProcess
from app.sending.http.client import HttpClient
from app.sending.http.failures import NO_MEMORY
from app.sending.http.outcome import Outcome, no_response

_log = logging.getLogger(__name__)
# Releasing smaller payloads early saves less than it costs.
_LIGHT_BYTES = 16_384
UNAUTHORIZED = 401
# The largest value of the columns: 35 minutes.
_MAX_US = 2**31 - 1


class Sender:
    """`start` claims whose events are loaded, then `poll` for results."""

    def __init__(
        self,
        client: HttpClient,
        sandbox: SandboxOfProcess,
        tokens: Tokens,
        *,
        is_traced: bool = False,
    ) -> None:
        self._client = client
        self._tokens = tokens
        # Decided once: no delivery pays for traces that are off.
        self._compose = _composed_with_trace if is_traced else _composed
        self._renderer = Renderer(sandbox, client.wake)

    def start(self, claim: Claim) -> Result | None:
        """Start the transfer, or first its rendering. Returns a failed result if no request could
        be built. MemoryError: it can be, but not now."""
        now = now_ms()
        try:
            if not self._renderer.start(claim):
                self._send(claim, now)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 -- one delivery must not stop the others
            return _unsent(claim, error, now)
        return None

    @property
    def rendered(self) -> Claim | None:
        """A claim whose body or token is ready, for `start_rendered`."""
        return self._renderer.first or self._tokens.first

    def give_up(self, claim: Claim) -> Result:
        """The result of a claim that cannot wait for memory: its body is rendered already, or
        nothing else is in flight. It is retried, maybe by a worker that has more."""
        return _result(claim, no_response("unreachable", NO_MEMORY, now_ms()), "", None)

    def start_rendered(self, *, is_valid: bool) -> Result | None:
        """Start the transfer of `rendered`. is_valid: the claim is still this worker's; otherwise
        its delivery is another worker's, and the result is discarded."""
        if self._renderer.first is None:
            claim, rendering = self._tokens.take(), None
        else:
            claim, rendering = self._renderer.take()
        now = now_ms()
        try:
            if not is_valid:
                raise CannotRender("worker_lost", "the lease ended")
            if rendering is None:
                self._tokens.finish(claim)
            else:
                claim.body = finish_body(rendering)
            self._send(claim, now)
        except MemoryError:
            return self.give_up(claim)
        except Exception as error:  # noqa: BLE001 -- one delivery must not stop the others
            return _unsent(claim, error, now)
        return None

    def close(self) -> None:
        self._renderer.close()
        self._tokens.close()

    def _send(self, claim: Claim, now: int) -> None:
        facts = claim.webhook.facts
        if facts.oauth is not None and self._tokens.start(claim):
            return
        composed = self._compose(claim, now)
        if claim.authorization is not None:
            composed = with_authorization(composed, claim.authorization)
        self._client.start(
            composed,
            timeout=facts.timeout_seconds,
            tag=(claim, composed.url, composed.rendered),
            quota=claim.organization_id,
            tls=facts.tls,
        )

    def poll(self, wait: float) -> list[Result]:
        """Return finished transfers; wait up to `wait` seconds for the first."""
        results = []
        for tag, outcome in self._client.poll(wait):
            claim, url, body = cast("tuple[Claim, str, Body]", tag)
            result = _result(claim, outcome, url, body)
            if outcome.status == UNAUTHORIZED and claim.authorization is not None:
                self._tokens.refuse(claim)
            _release_memory(result)
            results.append(result)
        return results


def _unsent(claim: Claim, error: Exception, now: int) -> Result:
    if not isinstance(error, CannotRender):
        _log.error("delivery %s cannot be sent", claim.delivery_id, exc_info=error)
        error = CannotRender("unrenderable", "the request could not be built")
    return _result(claim, no_response(error.cause, error.detail, now), "", None)


def _release_memory(result: Result) -> None:
    """Drop the payload and the body as soon as recording does not need them: memory is bounded by
    the payloads in flight, and this one no longer is."""
    claim, body = result.claim, result.body
    if claim.bytes < _LIGHT_BYTES:
        return
    if claim.event is not None:
        claim.event = msgspec.structs.replace(claim.event, payload=b"")
    if body and result.verdict.wait_ms is None and claim.webhook.facts.body.format in DERIVABLE:
        result.body = Body(body.content_type, b"")


def _composed(claim: Claim, now: int) -> Composed:
    webhook, event = claim.webhook, claim.event
    if webhook.composer is None:
        raise CannotRender(webhook.fault, webhook.detail)
    if event is None:
        raise CannotRender("unrenderable", claim.fault or "")
    return webhook.composer.compose(
        event, claim.delivery_id, claim.attempt, now, url=claim.url, body=claim.body
    )


def _composed_with_trace(claim: Claim, now: int) -> Composed:
    begin_attempt(claim)
    composed = _composed(claim, now)
    return composed if claim.trace is None else with_header(composed, claim.trace)


def _result(claim: Claim, outcome: Outcome, url: str, body: Body | None) -> Result:
    ended_at = outcome.started_at + outcome.total_us // 1000
    outcome.detail = outcome.detail.replace("\0", "�")
    if outcome.total_us > _MAX_US:
        # The machine was suspended meanwhile.
        outcome.total_us = _MAX_US
        outcome.dns_us = outcome.connect_us = outcome.tls_us = outcome.first_byte_us = None
    verdict = judge(
        claim.webhook.facts,
        status=outcome.status,
        cause=outcome.cause,
        attempt=claim.attempt - claim.run_start + 1,
        retry_after=outcome.retry_after,
        now=ended_at,
        draw=random.random(),  # noqa: S311 -- spreads retries, guards nothing
    )
    return Result(claim, outcome, verdict, url, body, ended_at)
