"""Which webhooks an event is for, and why the others were not chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.domain.bodies.form_callback import missing_field
from app.domain.common.json_text import Fields, fields_of
from app.domain.event_types.names import NEWS_TYPES, PRODUCT_TYPES
from app.domain.events.document import event_document
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.filters import CannotEvaluate, evaluate, is_true


@dataclass(frozen=True, slots=True)
class Refusal:
    """reason: event_type, itself, source, field, filter or inactive. detail: a sentence."""

    reason: str
    detail: str


class Matcher:
    """Asks one event against many webhooks; what it reads of the payload, it reads once."""

    def __init__(self, event: EventFacts) -> None:
        self.event = event

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


def choose(webhook: WebhookFacts, event: EventFacts) -> Refusal | None:
    """As `Chooser.refusal`, for a single webhook."""
    return Matcher(event).refusal(webhook)


def _by_event_type(chooser: Matcher, webhook: WebhookFacts) -> Refusal | None:
    type_ = chooser.event.type
    if webhook.event_types is not None:
        if type_ in webhook.event_types:
            return _by_itself(chooser, webhook) if type_ in NEWS_TYPES else None
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
        if is_true(evaluate(webhook.filter, chooser.document)):
            return None
    except CannotEvaluate as error:
        return Refusal("filter", f"Its filter failed on this event: {error}")
    return Refusal("filter", f"Its filter does not let the event through: {webhook.filter}")


def _by_activity(_: Matcher, webhook: WebhookFacts) -> Refusal | None:
    if webhook.is_active:
        return None
    return Refusal("inactive", "It was switched off when the event came.")


_RULES: tuple[Callable[[Matcher, WebhookFacts], Refusal | None], ...] = (
    _by_event_type,
    _by_source,
    _by_field,
    _by_filter,
    _by_activity,
)
