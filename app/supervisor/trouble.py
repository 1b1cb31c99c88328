"""What ends a start with a message instead of a traceback."""


class CannotStart(Exception):
    """The text says what is wrong and what to do about it."""
