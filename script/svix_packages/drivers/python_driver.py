"""Call any method of the PyPI package `svix`, as its caller says.

See script/svix_packages/caller.py.
"""

import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pydantic
import svix
from svix.api import Svix, SvixOptions
from svix.api.common import ApiBase
from svix.exceptions import HttpError, HTTPValidationError

TEXT = "text"


class Driver:
    """All methods of a client, by name. Bodies, options and results are JSON values."""

    def __init__(self, client: Svix) -> None:
        self.version = svix.__version__
        self._methods = dict(_methods(client))
        self.methods = {
            name: [TEXT if type_ is str else type_.__name__ for type_ in _required(method)]
            for name, method in self._methods.items()
        }

    def call(self, name: str, args: list[Any], options: dict[str, Any]) -> dict[str, Any]:
        method = self._methods[name]
        values = [
            arg if type_ is str else _body(type_, arg)
            for arg, type_ in zip(args, _required(method), strict=True)
        ]
        more = {"options": _options(method, options)} if options else {}
        try:
            result = method(*values, **more)
        except HttpError as error:
            return {"status": error.status_code, "code": error.code}
        except HTTPValidationError as error:
            return {"status": error.status_code}
        if isinstance(result, pydantic.BaseModel):
            return {"result": result.model_dump(mode="json", by_alias=True)}
        return {"result": result}


def _methods(target: Any, path: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name, bound method) of everything that sends a request."""
    for name, member in inspect.getmembers(type(target)):
        if name.startswith("_"):
            continue
        # `import` is a keyword.
        where = f"{path}.{name}".strip("._")
        if isinstance(member, property):
            value = getattr(target, name)
            if isinstance(value, ApiBase):
                yield from _methods(value, where)
        elif inspect.isfunction(member) and isinstance(target, ApiBase):
            yield where, getattr(target, name)


def _hints(method: Callable[..., Any]) -> dict[str, Any]:
    return get_type_hints(method, vars(inspect.getmodule(method)))


def _required(method: Callable[..., Any]) -> list[Any]:
    """Types of the arguments that have no default."""
    hints = _hints(method)
    return [
        hints[name]
        for name, parameter in inspect.signature(method).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]


def _body(type_: Any, value: Any) -> Any:
    """An empty body is for methods that are expected to be refused."""
    return type_.model_validate(value) if value else type_.model_construct()


def _options(method: Callable[..., Any], options: dict[str, Any]) -> Any:
    adapter = pydantic.TypeAdapter(_hints(method)["options"])
    return adapter.validate_python({_snake(name): value for name, value in options.items()})


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def main() -> None:
    options = SvixOptions(server_url=os.environ["CALLBOARD"], retry_schedule=[])
    driver = Driver(Svix(os.environ["KEY"], options))
    print(json.dumps({"version": driver.version, "methods": driver.methods}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        response = driver.call(request["method"], request["args"], request["options"])
        print(json.dumps(response), flush=True)


if __name__ == "__main__":
    main()
