"""A surface: the management APIs of five systems, at their own paths, translated to and from ours.

A dialect is a package here: its `DIALECT` (routes and the shape of its errors) and a pure
`translate.py`. `common` holds what they share.
"""

from flask import Flask


def register(app: Flask) -> None:
    """Add each dialect's routes to `app`."""
    from app.compat.asset import routes as asset
    from app.compat.common.mounting import mount
    from app.compat.encoding import routes as encoding
    from app.compat.form_callback import routes as form_callback
    from app.compat.live_channel import routes as live_channel
    from app.compat.render import routes as render

    for dialect in (form_callback, live_channel, asset, render, encoding):
        mount(app, dialect.DIALECT)
