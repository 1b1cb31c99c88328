"""The API's own description, for pages that show it: surfaces do not import each other."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

_EXTENSION = "callboard.description"

# Makes an OpenAPI 3.1 document.
Describe = Callable[[], dict[str, Any]]


def set_description(app: Flask, describe: Describe) -> None:
    app.extensions[_EXTENSION] = describe


def description() -> dict[str, Any]:
    """Makes it anew: keep what follows from it."""
    describe: Describe = current_app.extensions[_EXTENSION]
    return describe()
