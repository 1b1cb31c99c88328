"""Run filters that need the sandbox before the publishing transaction; check schemas (conformity).

Which filters to run follows from this process's cached webhooks. If the transaction reads newer
webhooks, it stores nothing of the event and raises Unjudged with them; their filters run, and the
transaction starts again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.domain.common.clock import now_ms
from app.domain.common.errors import Unavailable
from app.domain.common.ids import new_id
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.matching import sandboxed_filters
from app.runtime.expressions import judge_filters
from app.services.events.conformity import checked
from app.services.events.drafts import Evaluation, Prepared
from app.services.webhooks.cache import WebhookCache
from app.services.webhooks.overruns import note_filters

R = TypeVar("R")

# More rounds are only needed if the webhooks change each time.
_ROUNDS = 10


class Unjudged(Exception):
    """Nothing was stored. webhooks: by the index of the item whose filters must run first.
    unchecked: indexes of items that must be checked against their types' schemas first."""

    def __init__(
        self,
        webhooks: Mapping[int, Sequence[WebhookFacts]],
        unchecked: Collection[int] = (),
    ) -> None:
        super().__init__("filters were not judged, or schemas not checked")
        self.webhooks = webhooks
        self.unchecked = unchecked


def needs_judging(item: Prepared, event: EventFacts, webhooks: Iterable[WebhookFacts]) -> bool:
    return not set(sandboxed_filters(event, webhooks)) <= _known(item).keys()


def judged(item: Prepared, webhooks: Sequence[WebhookFacts]) -> Prepared:
    """Run the filters of these webhooks that need the sandbox. If there are any, the event gets its
    id and time now. Unavailable."""
    draft = item.draft
    at = now_ms() if draft.occurred_at is None else draft.occurred_at
    event_id = new_id() if item.evaluation is None else item.evaluation.event_id
    event = EventFacts(event_id, draft.type, draft.source, at, draft.payload)
    texts = sandboxed_filters(event, webhooks)
    if not texts:
        return item
    verdicts = judge_filters(item.organization_id, event, texts)
    # Even if the event is not accepted in the end: an expression has done its harm by then.
    note_filters(item.organization_id, webhooks, verdicts)
    evaluation = Evaluation(event_id, verdicts)
    return replace(item, draft=replace(draft, occurred_at=at), evaluation=evaluation)


def judged_ahead(item: Prepared, cache: WebhookCache) -> Prepared:
    """Like `judged`, with this process's cached webhooks. Unavailable."""
    known = cache.peek(item.organization_id)
    if known is None or not known.has_filters:
        return item
    candidates = known.candidates(item.draft.type, item.draft.source)
    return judged(item, [candidate.facts for candidate in candidates])


def until_judged(work: Callable[[Sequence[Prepared]], R], items: Sequence[Prepared]) -> R:
    """work: one transaction, which raises Unjudged instead of storing anything. Unavailable."""
    for _ in range(_ROUNDS):
        try:
            return work(items)
        except Unjudged as unjudged:
            items = [
                judged(item, unjudged.webhooks[index]) if index in unjudged.webhooks else item
                for index, item in enumerate(items)
            ]
            if unjudged.unchecked:
                items = checked(items, sorted(unjudged.unchecked))
    raise Unavailable("The organization's webhooks are changing. Try again.")


def _known(item: Prepared) -> Mapping[str, object]:
    return {} if item.evaluation is None else item.evaluation.verdicts
