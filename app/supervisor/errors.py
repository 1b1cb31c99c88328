"""Errors that end the start with a message instead of a traceback."""


class CannotStart(Exception):
    """The text says what is wrong and how to fix it."""
