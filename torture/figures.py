"""What a run did, in numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from torture.checker import Line, lost, read_run, repeats, wants


@dataclass(frozen=True, slots=True)
class Figures:
    """accepted: events. expected: deliveries of them. overlapping: requests of a delivery that
    began before another one had ended. silence: the longest time between two accepted events."""

    accepted: int
    expected: int
    requests: int
    faults: dict[str, int]
    refused: int
    usual_refusal: float
    slowest_refusal: float
    lost: int
    repeated: int
    overlapping: int
    silence: float


def figures(history: Iterable[Line]) -> Figures:
    run = read_run(history)
    accepted = {name: event for name, event in run.events.items() if event.event_ids}
    at = sorted(line["at"] for line in run.answers if 200 <= line["status"] < 300)
    overlapping = 0
    for requests in run.received.values():
        end = float("-inf")
        for line in requests:
            overlapping += line["began"] < end
            end = max(end, line["at"])
    refused = [line["seconds"] for line in run.answers if line["status"] == 503]
    return Figures(
        accepted=len(accepted),
        expected=sum(
            wants(webhook, event)
            for event in accepted.values()
            for webhook in run.webhooks.values()
        ),
        requests=sum(map(len, run.received.values())),
        faults=dict(Counter(fault["name"] for fault in run.faults)),
        refused=len(refused),
        usual_refusal=median(refused) if refused else 0.0,
        slowest_refusal=max(refused, default=0.0),
        lost=len(lost(run)),
        repeated=len(repeats(run)),
        overlapping=overlapping,
        silence=max((later - earlier for earlier, later in pairwise(at)), default=0.0),
    )
