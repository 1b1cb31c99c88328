"""A surface: parses, calls one service or one query, renders."""

from flask import Flask


def register(app: Flask) -> None:
    """Add this surface's routes to `app`."""
