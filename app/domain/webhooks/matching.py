"""Decide which webhooks match an event, and why the others do not."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.domain.bodies.form_callback import ALL, fault
from app.domain.common.json_text import Fields, fields_of
from app.domain.event_types.names import NOTICE_TYPES, PRODUCT_TYPES
from app.domain.event_types.patterns import selector_of
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import (
    CannotEvaluate,
    FilterVerdict,
    cost_of,
    judge_cheap,
    judge_filter,
)

# The budget of an event's filters outside the sandbox: about two milliseconds.
_CHEAP_UNITS = 20_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: event_type, itself, source, field, filter, filter_budget (the filter exceeds its time
    or memory) or inactive. detail: a sentence."""

    reason: str
    detail: str


class Matcher:
    """Matches one event against many webhooks and parses the payload only once."""

    def __init__(
        self, event: EventFacts, verdicts: Mapping[str, FilterVerdict] | None = None
    ) -> None:
        """verdicts: those of all filters that `sandboxed_filters` returns. None: evaluate every
        filter here, within its budget, which only a process without other work may do."""
        self.event = event
        self.verdicts = verdicts

    def refusal(self, webhook: WebhookFacts) -> Refusal | None:
        """Return why the webhook does not match, or None if it does.

        `inactive` comes last: it means that only the pause stops the event.
        """
        for rule in _RULES:
            refusal = rule(self, webhook)
            if refusal is not None:
                return refusal
        return None

    @cached_property
    def document(self) -> dict[str, Any]:
        return event_document(self.event)

    @cached_property
    def fields(self) -> Fields:
        return fields_of(self.event.payload)

    def verdict(self, text: str) -> FilterVerdict:
        if self.verdicts is None:
            return judge_filter(text, self.document)
        verdict = self.verdicts.get(text)
        if verdict is not None:
            return verdict
        if cost_of(text, len(self.event.payload)) is None:
            raise LookupError(f"filter without a verdict: {text}")
        return judge_cheap(text, self.document)


def choose(
    webhook: WebhookFacts, event: EventFacts, verdicts: Mapping[str, FilterVerdict] | None = None
) -> Refusal | None:
    """Match a single webhook; see `Matcher.refusal`."""
    return Matcher(event, verdicts).refusal(webhook)


def required_fields(body_format: str, event_types: Collection[str] | None) -> tuple[str, ...]:
    """Return the payload fields without which an event does not match; `form_callback.fault` also
    checks their values. With selected event types, a missing field fails the delivery instead,
    which says so."""
    return ALL if body_format == "form_callback" and event_types is None else ()


def sandboxed_filters(event: EventFacts, webhooks: Iterable[WebhookFacts]) -> list[str]:
    """Return the filters that only the sandbox may evaluate: not provably cheap, or too many. The
    order is that of the webhooks' creation, so equal input gives equal output."""
    filtered = [webhook for webhook in webhooks if webhook.filter is not None]
    if not filtered:
        return []
    matcher, left = Matcher(event, {}), float(_CHEAP_UNITS)
    texts: dict[str, None] = {}
    for webhook in sorted(filtered, key=lambda webhook: webhook.id):
        text = webhook.filter
        assert text is not None
        cost = cost_of(text, len(event.payload))
        if cost is not None and cost <= left:
            left -= cost
        elif text not in texts and not any(rule(matcher, webhook) for rule in _BEFORE_FILTER):
            texts[text] = None
    return list(texts)


def _by_event_type(matcher: Matcher, webhook: WebhookFacts) -> Refusal | None:
    type_ = matcher.event.type
    if webhook.event_types is not None:
        if type_ in webhook.event_types or selector_of(webhook.event_types, type_) is not None:
            return _by_itself(matcher, webhook) if type_ in NOTICE_TYPES else None
        names = ", ".join(sorted(webhook.event_types))
        return Refusal("event_type", f"The webhook accepts only {names}.")
    if type_ not in PRODUCT_TYPES:
        return None
    detail = f"{type_} is a system event; only webhooks that select it by name get it."
    return Refusal("event_type", detail)


def _by_itself(matcher: Matcher, webhook: WebhookFacts) -> Refusal | None:
    """System events about a flapping webhook would keep it flapping. `delivery.failed` is safe:
    a system event that fails creates no further one."""
    if matcher.event.type == "delivery.failed" or matcher.event.source != webhook.id:
        return None
    return Refusal("itself", "The event is about this webhook itself.")


def _by_source(matcher: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.sources is None or matcher.event.source in webhook.sources:
        return None
    source = matcher.event.source
    actual = "the event has none" if source is None else f"the event has {source}"
    names = ", ".join(sorted(webhook.sources))
    return Refusal("source", f"The webhook accepts only the sources {names}; {actual}.")


def _by_field(matcher: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if not required_fields(webhook.body.format, webhook.event_types):
        return None
    detail = fault(matcher.fields)
    return None if detail is None else Refusal("field", detail)


def _by_filter(matcher: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.filter is None:
        return None
    try:
        verdict = matcher.verdict(webhook.filter)
    except CannotEvaluate as error:
        return Refusal("filter", f"The filter failed for this event: {error}")
    if verdict.matched:
        return None
    if verdict.over_budget:
        return Refusal("filter_budget", f"The filter exceeded its budget: {verdict.detail}")
    if verdict.detail:
        return Refusal("filter", f"The filter failed for this event: {verdict.detail}")
    return Refusal("filter", f"The filter is not true for this event: {webhook.filter}")


def _by_activity(_: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.is_active:
        return None
    return Refusal("inactive", "The webhook was paused when the event arrived.")


_Rule = Callable[[Matcher, WebhookFacts], Refusal | None]
_BEFORE_FILTER: tuple[_Rule, ...] = (_by_event_type, _by_source, _by_field)
_RULES = (*_BEFORE_FILTER, _by_filter, _by_activity)
