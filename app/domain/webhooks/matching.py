"""Which webhooks an event is for, and why the others were not chosen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.domain.bodies.form_callback import missing_field
from app.domain.common.json_text import Fields, fields_of
from app.domain.event_types.names import NOTICE_TYPES, PRODUCT_TYPES
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

# Of all filters of one event that run outside the sandbox: about two milliseconds.
_CHEAP_UNITS = 20_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: event_type, itself, source, field, filter, filter_budget (its filter would have taken
    too much time or memory) or inactive. detail: a sentence."""

    reason: str
    detail: str


class Matcher:
    """Asks one event against many webhooks; what it reads of the payload, it reads once."""

    def __init__(
        self, event: EventFacts, verdicts: Mapping[str, FilterVerdict] | None = None
    ) -> None:
        """verdicts: of all filters that `sandboxed_filters` names. None: every filter is judged
        here, within its budget; only for a process that serves nobody else."""
        self.event = event
        self.verdicts = verdicts

    def refusal(self, webhook: WebhookFacts) -> Refusal | None:
        """Why `webhook` does not get the event; None when it does.

        `inactive` comes last: all else fits, and only the pause keeps the event from it.
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
    """As `Matcher.refusal`, for a single webhook."""
    return Matcher(event, verdicts).refusal(webhook)


def sandboxed_filters(event: EventFacts, webhooks: Iterable[WebhookFacts]) -> list[str]:
    """The filters that only the sandbox may judge: not provably cheap, or too many. The same
    webhooks give the same list, with those first that were created first."""
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


def _by_event_type(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    type_ = chooser.event.type
    if webhook.event_types is not None:
        if type_ in webhook.event_types:
            return _by_itself(chooser, webhook) if type_ in NOTICE_TYPES else None
        names = ", ".join(sorted(webhook.event_types))
        return Refusal("event_type", f"It takes only {names}.")
    if type_ not in PRODUCT_TYPES:
        return None
    detail = f"{type_} comes from Callboard itself, and goes only to webhooks that name it."
    return Refusal("event_type", detail)


def _by_itself(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    """A webhook that flaps would else be kept flapping by the news of it. A delivery that it did
    not take is another matter: no news comes of the failure of news."""
    if chooser.event.type == "delivery.failed" or chooser.event.source != webhook.id:
        return None
    return Refusal("itself", "It is about this webhook, which is not told of its own state.")


def _by_source(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.sources is None or chooser.event.source in webhook.sources:
        return None
    source = chooser.event.source
    came = "the event has none" if source is None else f"the event's is {source}"
    names = ", ".join(sorted(webhook.sources))
    return Refusal("source", f"It takes only the sources {names}; {came}.")


def _by_field(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    # Whoever names event types is told of a missing field by a delivery that fails.
    if webhook.body.format != "form_callback" or webhook.event_types is not None:
        return None
    missing = missing_field(chooser.fields)
    if missing is None:
        return None
    return Refusal("field", f"The payload has no {missing}, which the form callback needs.")


def _by_filter(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.filter is None:
        return None
    try:
        verdict = chooser.verdict(webhook.filter)
    except CannotEvaluate as error:
        return Refusal("filter", f"Its filter failed on this event: {error}")
    if verdict.matched:
        return None
    if verdict.over_budget:
        return Refusal("filter_budget", f"Its filter exceeded its budget: {verdict.detail}")
    if verdict.detail:
        return Refusal("filter", f"Its filter failed on this event: {verdict.detail}")
    return Refusal("filter", f"Its filter does not let the event through: {webhook.filter}")


def _by_activity(_: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.is_active:
        return None
    return Refusal("inactive", "It was switched off when the event came.")


_Rule = Callable[[Matcher, WebhookFacts], Refusal | None]
_BEFORE_FILTER: tuple[_Rule, ...] = (_by_event_type, _by_source, _by_field)
_RULES = (*_BEFORE_FILTER, _by_filter, _by_activity)
