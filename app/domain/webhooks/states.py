"""The states of webhooks as lists show them, and the orders of a list."""

from dataclasses import dataclass

FAILING = "failing"
DISABLED = "disabled"
THROTTLED = "throttled"
ACTIVE = "active"
PAUSED = "paused"
SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class State:
    """name: as in the URL. label, icon: as people see it."""

    name: str
    label: str
    icon: str


# What needs attention comes first: the order of a list that nobody sorted.
STATES = {
    state.name: state
    for state in (
        State(FAILING, "Failing", "failed"),
        State(DISABLED, "Disabled", "cancelled"),
        State(THROTTLED, "Throttled", "throttled"),
        State(ACTIVE, "Active", "succeeded"),
        State(PAUSED, "Paused", "pause"),
        State(SUSPENDED, "Suspended", "pause"),
    )
}
ORDER = tuple(STATES)

# Orders of a list by their name in the URL, `-` first if it is a descending one. Webhooks that are
# equal in it: newest first.
BY_STATE, NEWEST = "state", "-created"
SORTS = {
    BY_STATE: "Failing first",
    "name": "Name, A to Z",
    "-name": "Name, Z to A",
    "-success": "Latest success first",
    "success": "Oldest success first",
    NEWEST: "Newest first",
}
