"""System events about webhooks: their payloads, and who gets an email about them and when."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid
from app.domain.event_types.names import NOTICE_TYPES
from app.domain.notifications.payloads import NOTICES, AboutDelivery, AboutEvent, AboutWebhook

DISABLED = "webhook.disabled"
FAILING = "webhook.failing"
RECOVERED = "webhook.recovered"
FAILED = "delivery.failed"
# What happened to a webhook since the last one, as emails gather it.
DIGEST = "webhook.digest"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notification, as the settings page shows it."""

    title: str
    description: str


KINDS: dict[str, Kind] = {
    DISABLED: Kind(
        "Webhook disabled",
        "Callboard disabled a webhook: all attempts failed for five days, or the receiver"
        " responded with 410 Gone.",
    ),
    FAILING: Kind("Webhook failing", "All attempts of a webhook fail."),
    RECOVERED: Kind("Webhook recovered", "Deliveries to a failing webhook succeed again."),
    FAILED: Kind(
        "Delivery failed", "A delivery used up its retries. Expect one email entry per delivery."
    ),
}
assert KINDS.keys() | {DIGEST} == NOTICE_TYPES == NOTICES.keys()

# The default subscriptions: owners hear about webhooks; nobody hears about single deliveries.
_BY_ROLE = {"owner": (DISABLED, FAILING, RECOVERED)}

# Notices within this period are sent in one email.
GATHER_MS = 30_000
# The least time between two emails to a person about a webhook, unless it was disabled.
PACE_MS = 15 * 60_000
# An email lists this many notices per webhook and counts the rest.
MAX_LISTED = 20


def kinds_of(role: str, chosen: Collection[str] | None) -> tuple[str, ...]:
    """Return the kinds that a member gets emails about. chosen: None means the role's default."""
    subscribed = _BY_ROLE.get(role, ()) if chosen is None else chosen
    return tuple(kind for kind in KINDS if kind in subscribed)


def check_kinds(kinds: Iterable[object], field: str = "kinds") -> list[str]:
    """Return the kinds in the order of KINDS. Raises Invalid for unknown ones."""
    selected = list(kinds)
    remedy = f"Use some of {', '.join(KINDS)}."
    errors = [
        FieldError(f"{field}[{index}]", "choice", "Unknown kind.", remedy)
        for index, kind in enumerate(selected)
        if not isinstance(kind, str) or kind not in KINDS
    ]
    if errors:
        raise Invalid(errors)
    return [kind for kind in KINDS if kind in selected]


def is_published(kind: str, event_type: str | None) -> bool:
    """event_type: of the failed delivery. A system event that could not be delivered creates no
    further system event; otherwise two failing webhooks would loop forever."""
    return kind != FAILED or event_type not in NOTICE_TYPES


def send_at(kinds: Collection[str], now: int, last_at: int | None) -> int:
    """Return when to send an email with these kinds. last_at: when the previous one was sent."""
    soon = now + GATHER_MS
    if last_at is None or DISABLED in kinds:
        return soon
    # A previous one that lies in the future was sent before the clock was set back.
    return max(soon, min(last_at, now) + PACE_MS)


def payload(
    kind: str,
    webhook: Mapping[str, str],
    detail: Mapping[str, Any],
    delivery: Mapping[str, Any] | None = None,
    link: str | None = None,
) -> dict[str, Any]:
    """Return the payload of a system event.

    webhook: its id, name and url. detail: of the notice (reason, cause, status, since in
    milliseconds; of a digest also counts, last and deliveries). delivery: id, attempts, event_id,
    event_type. link: the page about it.
    """
    values: dict[str, Any] = {"webhook": AboutWebhook(**webhook)}
    if kind == FAILED and delivery is not None:
        values["delivery"] = AboutDelivery(delivery["id"], delivery["attempts"])
        values["event"] = AboutEvent(delivery["event_id"], delivery["event_type"])
    for name in ("reason", "cause", "status"):
        if detail.get(name) is not None:
            values[name] = detail[name]
    for name in ("counts", "last", "deliveries"):
        if detail.get(name):
            values[name] = detail[name]
    since = detail.get("since")
    if isinstance(since, int):
        values["since"] = iso(since)
    if link is not None:
        values["link"] = link
    declared = NOTICES[kind]
    document: dict[str, Any] = msgspec.to_builtins(
        declared(**{name: values[name] for name in declared.__struct_fields__ if name in values})
    )
    return document


def subject(counts: Mapping[str, int], webhook: str, last: str) -> str:
    """Return an email's subject. webhook: its name or URL. last: the kind of its latest notice."""
    if counts.get(DISABLED):
        return f"{webhook} was disabled"
    if counts.get(FAILING) and last == RECOVERED:
        return f"{webhook} failed and recovered"
    if counts.get(FAILING):
        return f"{webhook} is failing"
    if counts.get(RECOVERED):
        return f"{webhook} recovered"
    number = counts.get(FAILED, 0)
    return f"{number} deliver{'y' if number == 1 else 'ies'} to {webhook} failed"
