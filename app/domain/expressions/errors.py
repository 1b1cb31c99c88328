"""How an evaluation fails. The texts go to the webhook's owner."""

import jmespath.exceptions


class CannotEvaluate(Exception):
    """The expression failed on this event; the text says how, in plain words."""


class OverBudget(CannotEvaluate):
    """The expression would take more time or memory on this event than it may."""


def reason_of(error: Exception) -> str:
    """Why an evaluation failed. The library's own text quotes the whole value, which an expression
    can make as large as it likes."""
    if isinstance(error, jmespath.exceptions.JMESPathTypeError):
        expected = ", ".join(map(str, error.expected_types))
        return f"{error.function_name}() takes {expected}, not {error.actual_type}."
    if isinstance(error, RecursionError):
        return "The value is nested too deeply."
    return f"{error}"[:300] or type(error).__name__
