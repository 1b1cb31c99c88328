"""The arguments of jobs: stored as JSON, and checked again before each use."""

from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from app.domain.common.clock import iso
from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import STATES
from app.domain.jobs.kinds import EVENT_EXPORTS, IMPORT, KINDS, REPORTS, SEND_MISSED
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.events.listing import EventFilter


@dataclass(frozen=True, slots=True)
class MissedEvents:
    """Of one webhook. Milliseconds since the epoch, until excluded."""

    webhook_id: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """Of a report. ids: the organizations, None: all. Milliseconds since the epoch, until
    excluded."""

    ids: tuple[str, ...] | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """replaces: change what exists already, instead of leaving it. paused: create webhooks paused.
    file: name of the uploaded file, for people."""

    replaces: bool = False
    paused: bool = True
    file: str = ""


Arguments = DeliveryFilter | EventFilter | MissedEvents | Subjects | ImportOptions


_API_NAMES = {"states": "state", "type": "event_type"}


class DamagedArguments(ValueError):
    """The stored arguments are not those of the kind."""


def document(arguments: Arguments) -> dict[str, Any] | list[dict[str, Any]]:
    """With a filter by `value`, in a list: a worker of an earlier release would read past `value`
    and act on everything. It cannot read a list, and fails the job."""
    stored = {name: value for name, value in asdict(arguments).items() if value not in (None, ())}
    return [stored] if "value" in stored else stored


def shown(stored: object) -> dict[str, Any]:
    """Stored arguments as filters of the API: its names, and times in ISO 8601."""
    shown_values: dict[str, Any] = {}
    stored = _unwrapped(stored)
    for name, value in stored.items() if isinstance(stored, dict) else ():
        if name in _API_NAMES:
            shown_values[_API_NAMES[name]] = value
        elif name == "status_class":
            shown_values["status_code"] = f"{value}xx"
        else:
            is_time = name in ("since", "until") and isinstance(value, int)
            shown_values[name] = iso(value) if is_time else value
    return shown_values


def parse(kind: str, stored: object) -> Arguments:
    """The inverse of `document`. DamagedArguments."""
    if kind not in KINDS and kind not in REPORTS:
        raise DamagedArguments(f"Unknown kind of job: {kind[:40]!r}.")
    wanted: Any = Subjects if kind in REPORTS else DeliveryFilter
    wanted = {SEND_MISSED: MissedEvents, IMPORT: ImportOptions}.get(kind, wanted)
    if kind in EVENT_EXPORTS:
        wanted = EventFilter
    try:
        arguments: Arguments = msgspec.convert(_unwrapped(stored), wanted)
    except msgspec.ValidationError as error:
        raise DamagedArguments("Its arguments cannot be read.") from error
    ids: list[str | None] = []
    if isinstance(arguments, Subjects):
        ids = list(arguments.ids or ())
    elif isinstance(arguments, MissedEvents):
        ids = [arguments.webhook_id]
    elif isinstance(arguments, DeliveryFilter):
        ids = [arguments.webhook_id, arguments.event_id, arguments.job_id]
        if not set(arguments.states) <= STATES.keys():
            raise DamagedArguments("Its states cannot be read.")
    if any(id_ is not None and canonical_id(id_) is None for id_ in ids):
        raise DamagedArguments("An ID in its arguments cannot be read.")
    return arguments


def _unwrapped(stored: object) -> object:
    return stored[0] if isinstance(stored, list) and len(stored) == 1 else stored
