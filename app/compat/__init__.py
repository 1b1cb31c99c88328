"""A surface: the management APIs of five systems, at their own paths, translated to and from ours.

A dialect is a package here: its `DIALECT` (routes and the shape of its errors) and a pure
`translate.py`. `common` holds what they share.
"""

from importlib import import_module
from importlib.util import find_spec

from flask import Flask

from app.compat.common.mounting import mount

DIALECTS = ("form_callback", "live_channel", "asset", "render", "encoding")


def register(app: Flask) -> None:
    """Add each dialect's routes to `app`."""
    for name in DIALECTS:
        module = f"{__name__}.{name}.routes"
        if find_spec(f"{__name__}.{name}") is not None and find_spec(module) is not None:
            mount(app, import_module(module).DIALECT)
