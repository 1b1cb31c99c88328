"""The columns of the list of deliveries, and how it writes times: as the URL says, else as the
reader chose in this browser."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from flask import request
from werkzeug.wrappers import Response

from app.web.common.filters import TEXT_LIMIT, Params

# {name: title}, in their order on the page. The event opens the row, so it is always shown.
COLUMNS = {
    "state": "State",
    "event": "Event",
    "webhook": "Webhook",
    "sent_to": "Sent to",
    "response": "Response",
    "duration": "Duration",
    "attempts": "Attempts",
    "next_attempt": "Next attempt",
    "id": "ID",
    "updated": "Last change",
    "created": "Created",
}
FIXED = "event"
# Of lists that are part of another page.
COMPACT = ("state", "event", "webhook", "response", "attempts", "next_attempt", "created")
DEFAULT = (*COMPACT[:4], "duration", *COMPACT[4:])
TIMES = {"relative": "Relative: 12 s ago", "absolute": "Absolute: 24 Feb, 11:52:20"}
YEAR = 31_536_000


@dataclass(frozen=True, slots=True)
class Table:
    """columns: names, in the order of the page. times: of `TIMES`. problem: what the URL asks for
    and does not exist, in words. params: what the URL says, for the links of the page."""

    columns: tuple[str, ...] = DEFAULT
    times: str = "relative"
    problem: str = ""
    params: Params = field(default_factory=dict)

    def without(self, name: str) -> "Table":
        return replace(self, columns=tuple(column for column in self.columns if column != name))

    @property
    def is_absolute(self) -> bool:
        return self.times == "absolute"


def read() -> Table:
    args, cookies = request.args, request.cookies
    names = _listed(args.getlist("columns"))
    unknown = [name for name in names if name not in COLUMNS]
    columns = _known(names) or _known(cookies.get("columns", "").split(".")) or DEFAULT
    times, own = args.get("times", ""), cookies.get("times", "")
    problems = [f"There is no column {name[:40]}." for name in unknown[:3]]
    if times and times not in TIMES:
        problems.append(f"Times are {' or '.join(TIMES)}.")
    return Table(
        columns,
        next((value for value in (times, own) if value in TIMES), "relative"),
        " ".join(problems),
        url_params(args),
    )


def url_params(args: Mapping[str, str]) -> Params:
    """What the URL says of columns and times."""
    params = {name: args.get(name, "")[:TEXT_LIMIT] for name in ("columns", "times")}
    return {name: value for name, value in params.items() if value}


def remember(response: Response, columns: Iterable[str], times: str) -> None:
    """In cookies of this browser. Unknown names are left out; no columns mean the default."""
    values = {"columns": ".".join(_known(columns)), "times": times if times in TIMES else ""}
    for name, value in values.items():
        response.set_cookie(
            name,
            value,
            max_age=YEAR if value else 0,
            path="/deliveries",
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )


def _listed(values: list[str]) -> list[str]:
    return [name for name in ",".join(values)[:TEXT_LIMIT].split(",") if name]


def _known(names: Iterable[str]) -> tuple[str, ...]:
    """With the fixed column; () without any known name."""
    chosen = {name for name in names if name in COLUMNS}
    return tuple(name for name in COLUMNS if name in chosen | {FIXED}) if chosen else ()
