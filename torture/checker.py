"""Verify a history and the rows of the database. No I/O."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from torture.rows import Snapshot, attempts, open_rows

Line = dict[str, Any]

# A repeat is allowed for what was in flight, or not yet recorded, when a fault began, and while
# its effects lasted. Two workers that share an identity for longer are found.
BEFORE_SECONDS, AFTER_SECONDS = 3.0, 5.0


@dataclass(slots=True)
class EventFacts:
    type: str = ""
    key: str | None = None
    number: int = 0
    event_ids: set[str] = field(default_factory=set)
    deliveries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    statuses: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Run:
    webhooks: dict[str, Line] = field(default_factory=dict)
    events: dict[str, EventFacts] = field(default_factory=lambda: defaultdict(EventFacts))
    # By (webhook, event), in the order in which they began.
    received: dict[tuple[str, str], list[Line]] = field(default_factory=lambda: defaultdict(list))
    faults: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)


def read_run(history: Iterable[Line]) -> Run:
    run = Run()
    for line in history:
        kind = line["kind"]
        if kind == "webhook":
            run.webhooks[line["webhook"]] = line
        elif kind == "fault":
            run.faults.append(line)
        elif kind == "received":
            run.received[line["webhook"], line["event"]].append(line)
        elif kind == "answered":
            run.answers.append(line)
            run.events[line["event"]].statuses.add(line["status"])
        else:
            event = run.events[line["event"]]
            if kind == "sent":
                event.type, event.key, event.number = line["type"], line["key"], line["number"]
            else:
                event.event_ids.add(line["event_id"])
                for webhook, delivery in line["deliveries"].items():
                    event.deliveries[webhook].add(delivery)
    for requests in run.received.values():
        requests.sort(key=lambda line: line["began"])
    return run


def check(history: Iterable[Line], snapshot: Snapshot) -> list[str]:
    """What is wrong, one sentence each; empty if every promise was kept."""
    run = read_run(history)
    return [
        *lost(run),
        *_unknown(run),
        *_unstable(run),
        *_out_of_order(run),
        *_unexplained_repeats(run),
        *open_rows(snapshot),
        *attempts(snapshot),
        *_against_rows(run, snapshot),
    ]


def _succeeded(requests: Iterable[Line]) -> list[Line]:
    return [line for line in requests if 200 <= line["status"] < 300]


def wants(webhook: Line, event: EventFacts) -> bool:
    return webhook["types"] is None or event.type in webhook["types"]


def lost(run: Run) -> list[str]:
    """Every accepted event arrived at every webhook that was to have it."""
    return [
        f"lost: event {name} was accepted and did not arrive at webhook {webhook_id}"
        for name, event in run.events.items()
        if event.event_ids
        for webhook_id, webhook in run.webhooks.items()
        if wants(webhook, event) and not _succeeded(run.received.get((webhook_id, name), ()))
    ]


def _unknown(run: Run) -> list[str]:
    """Nothing arrived that was not accepted, or nowhere where it was not wanted. An event whose
    producer got no answer, or a fault of ours, may have been accepted."""
    wrong = []
    for webhook_id, name in run.received:
        event = run.events.get(name)
        if event is None or not event.type:
            wrong.append(f"unknown: event {name} arrived and was never sent")
        elif not event.event_ids and all(400 <= status < 500 for status in event.statuses):
            wrong.append(f"unknown: event {name} arrived and was refused")
        elif webhook_id not in run.webhooks or not wants(run.webhooks[webhook_id], event):
            wrong.append(f"unknown: event {name} arrived at webhook {webhook_id}, not matched")
    return wrong


def _unstable(run: Run) -> list[str]:
    """The same event has one id, and each of its deliveries, however often they are repeated."""
    wrong = [
        f"ids: event {name} was accepted as {sorted(event.event_ids)}"
        for name, event in run.events.items()
        if len(event.event_ids) > 1
    ]
    for (webhook_id, name), requests in run.received.items():
        event = run.events[name]
        deliveries = {line["delivery"] for line in requests} | event.deliveries.get(
            webhook_id, set()
        )
        identities = {line["identity"] for line in requests}
        event_ids = {line["event_id"] for line in requests} | event.event_ids
        if max(len(deliveries), len(identities), len(event_ids)) > 1:
            wrong.append(f"ids: event {name} changed its ids at webhook {webhook_id}")
    return wrong


def _out_of_order(run: Run) -> list[str]:
    """On an ordered webhook an event of a key is sent after the previous one succeeded."""
    wrong = []
    lines: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
    for (webhook_id, name), requests in run.received.items():
        event, webhook = run.events[name], run.webhooks.get(webhook_id)
        if webhook is None or not webhook["ordered"] or event.key is None:
            continue
        succeeded = _succeeded(requests)
        if succeeded and event.event_ids:
            first_end = min(line["at"] for line in succeeded)
            lines[webhook_id, event.key].append((event.number, requests[0]["began"], first_end))
    for (webhook_id, key), numbers in lines.items():
        numbers.sort()
        done = float("-inf")
        for number, began, end in numbers:
            if began < done:
                wrong.append(f"order: {key} {number} came too early at webhook {webhook_id}")
            done = max(done, end)
    return wrong


def disturbed(faults: Iterable[Line]) -> list[tuple[float, float]]:
    """The times in which a repeat may be explained by a fault."""
    return [
        (fault["began"] - BEFORE_SECONDS, fault["at"] + AFTER_SECONDS)
        for fault in faults
        if fault["name"] in DISRUPTIVE
    ]


# Those that end or suspend a worker or the database while requests are in flight.
DISRUPTIVE = frozenset(
    {
        "kill worker", "stop worker", "kill database", "freeze database", "lock database",
        "full disk", "restart", "upgrade", "cut connections", "read-only database",
    }
)  # fmt: skip


def repeats(run: Run) -> list[tuple[str, str, Line]]:
    """(webhook, event, the request) of each request after one that had succeeded."""
    matches = []
    for (webhook_id, name), requests in run.received.items():
        succeeded = _succeeded(requests)
        if succeeded:
            first = min(line["at"] for line in succeeded)
            matches += [(webhook_id, name, line) for line in requests if line["at"] > first]
    return matches


def _unexplained_repeats(run: Run) -> list[str]:
    times = disturbed(run.faults)
    wrong = []
    for webhook_id, name, _ in repeats(run):
        succeeded = _succeeded(run.received[webhook_id, name])
        first = min(line["at"] for line in succeeded)
        if not any(began <= first <= end for began, end in times):
            wrong.append(f"repeat: event {name} at webhook {webhook_id}, without a fault")
    return wrong


def _against_rows(run: Run, snapshot: Snapshot) -> list[str]:
    """What succeeded according to the rows arrived, and one event has one delivery per webhook."""
    names = {id_: name for name, event in run.events.items() for id_ in event.event_ids}
    wrong = []
    for (event_id, webhook_id), number in Counter(
        (r[1], r[2]) for r in snapshot.deliveries
    ).items():
        if number > 1:
            wrong.append(f"rows: event {event_id} has {number} deliveries to webhook {webhook_id}")
    for delivery_id, event_id, webhook_id, state, _ in snapshot.deliveries:
        name = names.get(event_id)
        if name is None or webhook_id not in run.webhooks:
            continue
        arrived = bool(_succeeded(run.received.get((webhook_id, name), ())))
        if (state == "succeeded") != arrived:
            wrong.append(f"rows: delivery {delivery_id} is {state}, arrived: {arrived}")
    return wrong
