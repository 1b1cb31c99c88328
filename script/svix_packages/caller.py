"""Call the methods of a `svix` package through a driver: a program in the package's language.

A driver prints one line that names the package's version and every method it declares, with the
types of the arguments: `text`, or the name of a body's model. Then it reads a line for each call,
`{"method", "args", "options"}`, and prints `{"result"}`, `{"status", "code"}` or `{"failed"}`.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol, Self

Response = Mapping[str, Any]


class Driver(Protocol):
    """methods: the types of the arguments by method."""

    version: str
    methods: dict[str, list[str]]

    def call(self, name: str, args: list[Any], options: dict[str, Any]) -> Response: ...


class Process:
    """A driver that runs as a process."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], directory: str) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=environ, cwd=directory, text=True, stdin=pipe, stdout=pipe, stderr=pipe
        )
        declared = self._read()
        self.version: str = declared["version"]
        self.methods: dict[str, list[str]] = declared["methods"]

    def call(self, name: str, args: list[Any], options: dict[str, Any]) -> Response:
        assert self._process.stdin is not None
        request = {"method": name, "args": args, "options": options}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        _, error = self._process.communicate()
        raise AssertionError(f"The driver ended: {error[-600:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


class Refused(Exception):
    """The server refused a call. The code is empty where its body has none."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Unsent(Exception):
    """The package failed to send a request, or to read the response."""


# Other names of a method, mostly in clients 1.x. Each that a package has is called.
NAMES = {
    "application.upsert": ("application.update",),
    "authentication.app_portal_access": ("authentication.dashboard_access",),
    "background_task.list": ("background_task.list_by_endpoint",),
    "endpoint.patch_headers": ("endpoint.headers_patch",),
    "endpoint.set_headers": ("endpoint.update_headers", "endpoint.headers_update"),
    "endpoint.upsert": ("endpoint.update",),
    "event_type.upsert": ("event_type.update",),
}


class Package:
    """A driver, and the result of each method that was called: `works` or a status."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.results: dict[str, str] = {}

    def has(self, name: str) -> bool:
        return any(each in self.driver.methods for each in (name, *NAMES.get(name, ())))

    def __call__(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a method, under each of its names. Returns the first result. Refused."""
        known = [each for each in (name, *NAMES.get(name, ())) if each in self.driver.methods]
        assert known, f"The package has no {name}."
        result = self._call(known[0], list(args), options)
        for other in known[1:]:
            with suppress(Unsent):
                self._call(other, list(args), options)
        return result

    def _call(self, name: str, args: list[Any], options: dict[str, Any]) -> Any:
        # One has no body where the other has: 1.x's `dashboard_access`.
        args = args[: len(self.driver.methods[name])]
        response = self.driver.call(name, args, options)
        if "failed" in response:
            self.results[name] = "unsent"
            raise Unsent(f"{name}: {response['failed']}")
        if "status" in response:
            self.results[name] = str(response["status"])
            raise Refused(response["status"], response.get("code") or "")
        self.results[name] = "works"
        return response["result"]
