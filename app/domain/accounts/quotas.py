"""Quotas of an organization: how much it may have and do on a shared installation."""

from dataclasses import dataclass, fields
from typing import Any

from app.domain.common.errors import FieldError, Invalid
from app.domain.common.numbers import as_whole

# The highest value that may be chosen for each quota.
BOUNDS = {
    "webhooks": 1_000_000,
    "deliveries_per_event": 100_000,
    "requests_per_host": 4_000,
}


@dataclass(frozen=True, slots=True)
class Quotas:
    """webhooks: enabled, paused and waiting one-time webhooks. deliveries_per_event: created by one
    event, one-off callback included. requests_per_host: in flight to one host and port, by all
    workers together."""

    webhooks: int
    deliveries_per_event: int
    requests_per_host: int


NAMES = tuple(field.name for field in fields(Quotas))


def check_quotas(document: dict[str, Any]) -> dict[str, int | None]:
    """Check values by name; None stands for the installation's default. Invalid, all errors."""
    errors: list[FieldError] = []
    counts: dict[str, int | None] = {}
    for name, value in document.items():
        highest = BOUNDS.get(name)
        counts[name] = as_whole(value)
        if highest is None:
            remedy = f"Use {', '.join(NAMES)}."
            errors.append(FieldError(name, "unknown", "There is no such quota.", remedy))
        elif value is not None and not 1 <= (counts[name] or 0) <= highest:
            remedy = f"Use a whole number from 1 to {highest}, or null for the default."
            errors.append(FieldError(name, "range", f"{value!r:.100} is not valid.", remedy))
    if errors:
        raise Invalid(errors)
    return counts
