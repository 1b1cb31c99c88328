"""From a claim to a request on the wire, and from what came back to a result."""

import logging
import random
from dataclasses import replace
from typing import cast

from app.domain.bodies.formats import DERIVABLE
from app.domain.bodies.spec import Body, CannotRender
from app.domain.common.clock import now_ms
from app.domain.deliveries.composing import Composed
from app.domain.deliveries.verdicts import judge
from app.engine.claims import Claim, Result
from app.sending.http.client import HttpClient
from app.sending.http.outcome import Outcome, no_request

_log = logging.getLogger(__name__)
# Payloads below this are not worth the time.
_LIGHT_BYTES = 16_384
# As long as the ledger can tell: 35 minutes.
_MOST_US = 2**31 - 1


class Sender:
    """`start` claims whose events are loaded; `poll` for their results."""

    def __init__(self, wire: HttpClient) -> None:
        self._client = wire

    def start(self, claim: Claim) -> Result | None:
        """None: it is on its way. A result: there was nothing to send, and why."""
        now = now_ms()
        try:
            self._send(claim, _composed(claim, now))
        except CannotRender as error:
            return _result(claim, no_request(error.cause, error.detail, now), "", None)
        except Exception:  # noqa: BLE001 -- one delivery's fault is its own
            _log.exception("delivery %s cannot be sent", claim.delivery_id)
            outcome = no_request("unrenderable", "the request could not be made", now)
            return _result(claim, outcome, "", None)
        return None

    def _send(self, claim: Claim, composed: Composed) -> None:
        self._client.start(
            composed,
            timeout=claim.known.facts.timeout_seconds,
            tag=(claim, composed.url, composed.rendered),
            lane=claim.organization_id,
        )

    def poll(self, wait: float) -> list[Result]:
        """Waits up to `wait` seconds as long as nothing has ended."""
        results = []
        for tag, outcome in self._client.poll(wait):
            claim, url, body = cast("tuple[Claim, str, Body]", tag)
            result = _result(claim, outcome, url, body)
            _let_go(result)
            results.append(result)
        return results


def _let_go(result: Result) -> None:
    """What is going counts by its payloads, and this is going no more: what its record does not
    need of payload and body gives its memory back at once."""
    claim, body = result.claim, result.body
    if claim.bytes < _LIGHT_BYTES:
        return
    if claim.event is not None:
        claim.event = replace(claim.event, payload=b"")
    if body and result.verdict.wait_ms is None and claim.known.facts.body.format in DERIVABLE:
        result.body = Body(body.content_type, b"")


def _composed(claim: Claim, now: int) -> Composed:
    known, event = claim.known, claim.event
    if known.composer is None:
        raise CannotRender(known.fault, known.detail)
    if event is None:
        raise CannotRender("unrenderable", claim.fault or "")
    return known.composer.compose(
        event, claim.delivery_id, claim.attempt, now, url=claim.url, body=claim.body
    )


def _result(claim: Claim, outcome: Outcome, url: str, body: Body | None) -> Result:
    ended_at = outcome.started_at + outcome.total_us // 1000
    outcome.detail = outcome.detail.replace("\0", "�")
    if outcome.total_us > _MOST_US:
        # The machine slept meanwhile.
        outcome.total_us = _MOST_US
        outcome.dns_us = outcome.connect_us = outcome.tls_us = outcome.first_byte_us = None
    verdict = judge(
        claim.known.facts,
        status=outcome.status,
        cause=outcome.cause,
        attempt=claim.attempt - claim.run_start + 1,
        retry_after=outcome.retry_after,
        now=ended_at,
        draw=random.random(),  # noqa: S311 -- spreads retries, guards nothing
    )
    return Result(claim, outcome, verdict, url, body, ended_at)
