"""`callboard events tail`: new events as they are accepted."""

import time
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from callboard.cli.output import cell, json_option, note, print_json
from callboard.cli.state import State, pass_state
from callboard.client import Callboard
from callboard.errors import NotFound, RateLimited, Unavailable, Unreachable
from callboard.models import ListedEvent
from callboard.paging import Pages
from callboard.retries import RetryPolicy

# Events become visible when their transaction commits: one may appear behind a later one.
OVERLAP = timedelta(seconds=3)
REMEMBERED = 100_000


class Follower:
    """New events, oldest first, each once."""

    def __init__(self, client: Callboard, event_type: str | None, source: str | None) -> None:
        self._client = client
        self._event_type = event_type
        self._source = source
        self._seen: OrderedDict[str, None] = OrderedDict()
        # None: there was no event at all.
        self._newest: datetime | None = None

    def last(self, count: int) -> list[ListedEvent]:
        """The last `count` events; what comes after them is new."""
        # Asked first, so that nothing is accepted between this and the list.
        self._newest = self._newest_of_all()
        before = self._unseen(list(self._list(self._since()))) if self._newest else []
        events = before if len(before) >= count else self._list(None).first(count)[::-1]
        self._unseen(events)
        return events[-count:] if count else []

    def new(self) -> list[ListedEvent]:
        newest = self._newest_of_all()
        events = self._unseen(list(self._list(self._since())))
        self._newest = newest or self._newest
        return events

    def _since(self) -> str | None:
        return None if self._newest is None else (self._newest - OVERLAP).isoformat()

    def _newest_of_all(self) -> datetime | None:
        """When the newest event of any type was accepted, by the server's clock: a rare type must
        not make each request search further back."""
        events = self._client.events.list().first(1)
        return datetime.fromisoformat(events[0]["created_at"]) if events else None

    def _list(self, since: str | None) -> Pages[ListedEvent]:
        return self._client.events.list(
            event_type=self._event_type, source=self._source, since=since
        )

    def _unseen(self, newest_first: list[ListedEvent]) -> list[ListedEvent]:
        events = [event for event in reversed(newest_first) if event["id"] not in self._seen]
        for event in events:
            self._seen[event["id"]] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return events


def follow(follower: Follower, interval: float) -> Iterator[ListedEvent]:
    """Goes on after outages of the server."""
    policy = RetryPolicy(initial_delay=interval)
    failures = 0
    while True:
        try:
            yield from follower.new()
            if failures:
                note("Connected again.")
            failures = 0
        except (Unreachable, Unavailable, RateLimited) as error:
            failures += 1
            note(f"{error} Retrying.")
        time.sleep(policy.delay(failures) if failures else interval)


@click.command()
@click.option("--type", "event_type", help="Only this event type.")
@click.option("--source", help="Only this source.")
@click.option("-n", "--lines", default=10, show_default=True, help="How many to begin with.")
@click.option("--full", is_flag=True, help="With payload and deliveries; for `replay`, say --json.")
@click.option("--no-follow", is_flag=True, help="End after the first lines.")
@click.option("--interval", default=1.0, show_default=True, help="Seconds between requests.")
@json_option
@pass_state
def tail(
    state: State,
    event_type: str | None,
    source: str | None,
    lines: int,
    full: bool,
    no_follow: bool,
    interval: float,
    as_json: bool,
) -> None:
    """Print the last events, then new ones as they are accepted. Ctrl-C ends it."""
    follower = Follower(state.client, event_type, source)
    try:
        for event in follower.last(lines):
            _print(state.client, event, full, as_json)
        if no_follow:
            return
        for event in follow(follower, interval):
            _print(state.client, event, full, as_json)
    except KeyboardInterrupt:
        return


def _print(client: Callboard, listed: ListedEvent, full: bool, as_json: bool) -> None:
    event = listed
    if full:
        try:
            event = client.events.get(listed["id"])
        except NotFound:
            # Its retention ended in between.
            return
    if as_json:
        print_json(event)
        return
    names = ("created_at", "id", "type", "source") + (("payload",) if full else ())
    click.echo("  ".join(cell(event.get(name)) for name in names))
