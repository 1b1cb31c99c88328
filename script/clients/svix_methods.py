"""All methods of a client of PyPI svix, and which of them succeeded."""

import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

from svix.api.common import ApiBase
from svix.exceptions import HttpError, HTTPValidationError

SECONDS = 20


class Recorded:
    """A client, or a part of it, that notes the names of the methods that succeeded."""

    def __init__(self, target: Any, results: dict[str, str], path: str = "") -> None:
        self._target, self._results, self._path = target, results, path

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        path = f"{self._path}.{name}".lstrip(".")
        if isinstance(value, ApiBase):
            return Recorded(value, self._results, path)

        def call(*args: Any, **more: Any) -> Any:
            result = value(*args, **more)
            self._results[path] = "works"
            return result

        return call


def methods(target: Any, path: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name, bound method) of everything that sends a request."""
    for name, member in inspect.getmembers(type(target)):
        if name.startswith("_"):
            continue
        where = f"{path}.{name}".lstrip(".")
        if isinstance(member, property):
            value = getattr(target, name)
            if isinstance(value, ApiBase):
                yield from methods(value, where)
        elif inspect.isfunction(member) and isinstance(target, ApiBase):
            yield where, getattr(target, name)


def refused(method: Callable[..., Any], app_id: str) -> str:
    """The status of a method that is expected to be refused."""
    try:
        method(*(value for value in arguments(method, app_id)))
    except (HttpError, HTTPValidationError) as error:
        return str(error.status_code)
    return "works"


def arguments(method: Callable[..., Any], app_id: str) -> Iterator[Any]:
    """Something of the right type for each argument that has no default."""
    hints = get_type_hints(method, vars(inspect.getmodule(method)))
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            continue
        if hints.get(name) is str:
            yield app_id if name == "app_id" else "x"
        else:
            yield hints[name].model_construct()


def poll(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "the messages were not delivered"
        time.sleep(0.1)
