"""Data retention: how long events, deliveries and payloads are kept."""

from dataclasses import dataclass

from app.domain.common.errors import FieldError, Invalid

DAY_MS = 86_400_000
# Deliveries with an attempt in this period are not deleted: they may still be under investigation.
GRACE_MS = DAY_MS


@dataclass(frozen=True, slots=True)
class Retention:
    """days: for events, deliveries and attempts, from the creation of the event. payload_days:
    for payloads, bodies and responses; never longer than `days`."""

    days: int
    payload_days: int

    def records_until(self, now: int) -> int:
        """Return the time before which created records expire."""
        return now - self.days * DAY_MS

    def payloads_until(self, now: int) -> int | None:
        """The same for payloads; None if they expire together with their records."""
        return None if self.payload_days >= self.days else now - self.payload_days * DAY_MS


def effective(days: int | None, payload_days: int | None, most: int) -> Retention:
    """Limit an organization's settings (None: not set) to the installation's `most` days."""
    days = min(most if days is None else days, most)
    return Retention(days, min(days if payload_days is None else payload_days, days))


def check_choice(days: object, payload_days: object, most: int) -> tuple[int | None, int | None]:
    """Raises Invalid with the errors of `retention_days` and `payload_days`."""
    errors: list[FieldError] = []
    checked = _days(days, most, "retention_days", errors)
    limit = most if checked is None else checked
    payload_limit = _days(payload_days, limit, "payload_days", errors)
    if errors:
        raise Invalid(errors)
    return checked, payload_limit


def _days(value: object, most: int, field: str, errors: list[FieldError]) -> int | None:
    if value is None:
        return None
    remedy = f"Use a whole number of days from 1 to {most}, or leave the field blank."
    if isinstance(value, bool) or not isinstance(value, int):
        errors.append(FieldError(field, "type", "Not a whole number.", remedy))
    elif not 1 <= value <= most:
        errors.append(FieldError(field, "range", f"{value} is out of range.", remedy))
    else:
        return value
    return None
