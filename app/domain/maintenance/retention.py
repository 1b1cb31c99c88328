"""For how long things are kept."""

from dataclasses import dataclass

from app.domain.common.errors import FieldError, Invalid

DAY_MS = 86_400_000
# Who did what is kept for longer than what it was done to.
AUDIT_DAYS = 400
# What was tried again within this is not taken from under whoever looks at it.
RESTING_MS = DAY_MS


@dataclass(frozen=True, slots=True)
class Kept:
    """days: events, deliveries and attempts, from the acceptance of the event. payload_days:
    payloads, bodies and what receivers answered; never more."""

    days: int
    payload_days: int

    def records_until(self, now: int) -> int:
        """What was accepted before this moment is to go."""
        return now - self.days * DAY_MS

    def payloads_until(self, now: int) -> int | None:
        """The same for payloads; None when they go with their records."""
        return None if self.payload_days >= self.days else now - self.payload_days * DAY_MS


def kept(days: int | None, payload_days: int | None, most: int) -> Kept:
    """What an organization's choice comes to (None: it has none) where the installation keeps
    nothing for more than `most` days."""
    found = min(most if days is None else days, most)
    return Kept(found, min(found if payload_days is None else payload_days, found))


def check_choice(days: object, payload_days: object, most: int) -> tuple[int | None, int | None]:
    """Invalid on `retention_days` and `payload_days`, both at once."""
    errors: list[FieldError] = []
    checked = _days(days, most, "retention_days", errors)
    limit = most if checked is None else checked
    sooner = _days(payload_days, limit, "payload_days", errors)
    if errors:
        raise Invalid(errors)
    return checked, sooner


def _days(value: object, most: int, field: str, errors: list[FieldError]) -> int | None:
    if value is None:
        return None
    remedy = f"Give a whole number of days from 1 to {most}, or leave it empty."
    if isinstance(value, bool) or not isinstance(value, int):
        errors.append(FieldError(field, "type", "It is not a whole number.", remedy))
    elif not 1 <= value <= most:
        errors.append(FieldError(field, "range", f"{value} is out of range.", remedy))
    else:
        return value
    return None
