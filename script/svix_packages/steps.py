"""What the parts of the walk through a `svix` package share."""

from collections.abc import Callable
from typing import Any

from script.svix_packages.caller import Package, Refused

# Runs until a condition about deliveries and jobs is true.
Deliver = Callable[[Callable[[], bool]], None]


class Steps:
    def __init__(self, svix: Package, receiver: str, deliver: Deliver, prefix: str) -> None:
        self.svix, self.receiver, self.deliver = svix, receiver, deliver
        self.app, self.endpoint = f"{prefix}customer-1", f"{prefix}endpoint-1"
        self.type = f"{prefix}user.created"
        self.path = (self.app, self.endpoint)

    def end(self, task_id: str) -> Any:
        svix = self.svix
        self.deliver(lambda: svix("background_task.get", task_id)["status"] != "running")
        return svix("background_task.get", task_id)["data"]

    def missing(self, name: str, *args: str) -> None:
        assert self.status(name, *args) == (404, "not_found")
        self.svix.results[name] = "works"

    def status(self, name: str, *args: str) -> tuple[int, str]:
        """Status and code of the error that a call gets."""
        try:
            self.svix(name, *args)
        except Refused as error:
            return error.status, error.code
        return 200, ""

    def turn(self, name: str, args: tuple[str, ...]) -> None:
        """Turn single-entry pages of a list of two entries to its end and back."""
        first = self.svix(name, *args, limit=1)
        assert not first["done"]
        last = self.svix(name, *args, limit=1, iterator=first["iterator"])
        assert last["done"]
        back = self.svix(name, *args, limit=1, iterator=last["prevIterator"])
        assert [row["id"] for row in back["data"]] == [row["id"] for row in first["data"]]
