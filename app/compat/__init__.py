"""The management APIs of six other systems at their own paths, translated to and from ours.

Each dialect is a package: its `DIALECT` (paths, mapping of documents, errors) and a pure
`translate.py`. `common` holds the handlers that they share.
"""

from flask import Flask


def register(app: Flask) -> None:
    """Add each dialect's routes to `app`."""
    from app.compat.asset.routes import DIALECT as ASSET
    from app.compat.encoding.routes import DIALECT as ENCODING
    from app.compat.form_callback.routes import DIALECT as FORM_CALLBACK
    from app.compat.live_channel.routes import DIALECT as LIVE_CHANNEL
    from app.compat.render.routes import DIALECT as RENDER
    from app.compat.svix.routes import DIALECT as SVIX
    from app.http.flask_adapter import mount

    for dialect in (FORM_CALLBACK, LIVE_CHANNEL, ASSET, RENDER, ENCODING, SVIX):
        mount(app, dialect.surface())
