"""News of webhooks: what becomes of it as an event, who hears of it by mail, and when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid
from app.domain.event_types.names import NEWS_TYPES

DISABLED = "webhook.disabled"
FAILING = "webhook.failing"
RECOVERED = "webhook.recovered"
FAILED = "delivery.failed"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a person ticks, and the sentence beside it."""

    title: str
    description: str


KINDS: dict[str, Kind] = {
    DISABLED: Kind(
        "Webhook switched off",
        "Callboard has switched a webhook off: everything failed for five days, or the receiver"
        " said that it is gone.",
    ),
    FAILING: Kind("Webhook failing", "Everything that is sent to a webhook fails."),
    RECOVERED: Kind("Webhook recovered", "A webhook that was failing answers again."),
    FAILED: Kind(
        "Delivery given up", "A delivery failed at its last attempt: one by one, a lot of news."
    ),
}
assert KINDS.keys() == NEWS_TYPES

# Who has not chosen: owners hear of their webhooks, and of single deliveries nobody does.
_BY_ROLE = {"owner": (DISABLED, FAILING, RECOVERED)}

# What happens within this becomes one mail.
GATHER_MS = 30_000
# Between two mails to one person about one webhook, unless it was switched off.
PACE_MS = 15 * 60_000
# Of one webhook's news that a mail tells one by one; the others are counted.
TOLD = 20


def kinds_of(role: str, chosen: Collection[str] | None) -> tuple[str, ...]:
    """What a member hears of by mail. chosen: None for who has not."""
    wanted = _BY_ROLE.get(role, ()) if chosen is None else chosen
    return tuple(kind for kind in KINDS if kind in wanted)


def check_kinds(given: Iterable[object], field: str = "kinds") -> list[str]:
    """In the order of KINDS. Invalid for one that there is none of."""
    wanted = list(given)
    remedy = f"Give some of {', '.join(KINDS)}."
    errors = [
        FieldError(f"{field}[{place}]", "choice", "It is none of those that there are.", remedy)
        for place, kind in enumerate(wanted)
        if kind not in KINDS
    ]
    if errors:
        raise Invalid(errors)
    return [kind for kind in KINDS if kind in wanted]


def is_published(kind: str, event_type: str | None) -> bool:
    """event_type: of the delivery that was given up. That the news itself did not arrive is no
    news again, or two webhooks that fail would never come to rest."""
    return kind != FAILED or event_type not in NEWS_TYPES


def goes_at(kinds: Collection[str], now: int, last_at: int | None) -> int:
    """When a mail with these kinds is to go. last_at: when the one before it went."""
    soon = now + GATHER_MS
    if last_at is None or DISABLED in kinds:
        return soon
    return max(soon, last_at + PACE_MS)


def payload(
    kind: str,
    webhook: Mapping[str, str],
    detail: Mapping[str, Any],
    delivery: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Of the product's own event. webhook: its id, name and url. detail: of the notice (reason,
    cause, status, since in milliseconds). delivery: id, attempts, event_id, event_type."""
    made: dict[str, Any] = {"webhook": dict(webhook)}
    if kind == FAILED and delivery is not None:
        made["delivery"] = {"id": delivery["id"], "attempts": delivery["attempts"]}
        made["event"] = {"id": delivery["event_id"], "type": delivery["event_type"]}
    for name in ("reason", "cause", "status"):
        if detail.get(name) is not None:
            made[name] = detail[name]
    since = detail.get("since")
    if isinstance(since, int):
        made["since"] = iso(since)
    return made


def subject(counts: Mapping[str, int], webhook: str, last: str) -> str:
    """Of a mail. webhook: as people know it. last: the kind of the last news about its state."""
    if counts.get(DISABLED):
        return f"{webhook} was switched off"
    if counts.get(FAILING) and last == RECOVERED:
        return f"{webhook} failed, and has recovered"
    if counts.get(FAILING):
        return f"{webhook} is failing"
    if counts.get(RECOVERED):
        return f"{webhook} answers again"
    number = counts.get(FAILED, 0)
    return f"{number} deliver{'y' if number == 1 else 'ies'} to {webhook} failed"
