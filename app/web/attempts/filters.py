"""The filters of the list of attempts, and links to it from numbers of attempts."""

from dataclasses import dataclass

from flask import url_for

from app.domain.deliveries.causes import FAILURE_TITLES
from app.queries.deliveries.attempt_filters import AttemptFilter
from app.web.common.filters import FilterValues, Params

FIELDS = (
    "outcome",
    "webhook_id",
    "event_type",
    "source",
    "status",
    "cause",
    "slower",
    "test",
    "range",
    "since",
    "until",
)
NO_RESPONSE = "none"
# {test: words}
TESTS = {"no": "Without test sends", "yes": "Only test sends"}
# Milliseconds: as many microseconds as the column has room for.
MAX_SLOWER = 2_147_483


@dataclass(frozen=True, slots=True)
class Outcome:
    """icon: a state's, whose colour it has, too. succeeded, retried: as in `AttemptFilter`."""

    label: str
    icon: str
    succeeded: bool | None = None
    retried: bool | None = None


OUTCOMES = {
    "succeeded": Outcome("Succeeded", "succeeded", succeeded=True),
    "failed": Outcome("Failed", "failed", succeeded=False),
    "retried": Outcome("Retried", "retrying", retried=True),
    "final": Outcome("Not retried", "failed", retried=False),
}
# The bars of charts, by their outcome.
OF_STATES = {"succeeded": "succeeded", "retrying": "retried", "failed": "final"}


def attempt_filter(form: FilterValues) -> AttemptFilter:
    outcome = _outcome(form)
    status, status_class = _status(form)
    event_type = form.text("event_type")
    return AttemptFilter(
        webhook_id=form.id("webhook_id"),
        succeeded=outcome.succeeded if outcome else None,
        retried=outcome.retried if outcome else None,
        status=status,
        status_class=status_class,
        cause=_cause(form),
        types=(event_type,) if event_type else (),
        source=form.text("source"),
        is_test=_is_test(form),
        slower=_slower(form),
        since=form.since(),
        until=form.moment("until"),
    )


def counted_url(
    since: str, webhook_id: str | None = None, until: str | None = None, **filters: str
) -> str:
    """The list of the attempts that counters of statistics count: test sends are not among them.
    since, until: as in the URL. webhook_id: None for all."""
    params: Params = {"test": "no", "webhook_id": webhook_id, "since": since, "until": until}
    return url_for("attempts.index", **(params | filters))


def _outcome(form: FilterValues) -> Outcome | None:
    name = form.values["outcome"]
    if name and name not in OUTCOMES:
        form.problems["outcome"] = f"Unknown outcome. Use {', '.join(OUTCOMES)}."
    return OUTCOMES.get(name)


def _status(form: FilterValues) -> tuple[int | None, int | None]:
    return (None, 0) if form.values["status"] == NO_RESPONSE else form.status()


def _cause(form: FilterValues) -> str | None:
    cause = form.values["cause"]
    if cause and cause not in FAILURE_TITLES:
        form.problems["cause"] = "Unknown failure reason."
        return None
    return cause or None


def _is_test(form: FilterValues) -> bool | None:
    value = form.values["test"]
    if value and value not in TESTS:
        form.problems["test"] = "Enter yes for test sends, no for all others."
        return None
    return value == "yes" if value else None


def _slower(form: FilterValues) -> int | None:
    """Microseconds."""
    text = form.values["slower"]
    try:
        slower = float(text) if len(text) <= 20 else -1.0
    except ValueError:
        slower = -1.0
    if not text:
        return None
    if not 0 <= slower <= MAX_SLOWER:
        form.problems["slower"] = "Enter a response time in milliseconds, such as 250."
        return None
    return int(slower * 1000)
