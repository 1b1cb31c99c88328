"""An expression that was parsed, ready to be evaluated."""

from functools import lru_cache
from typing import Any

from app.domain.expressions.bounds import CHEAP_PAYLOAD_BYTES, CHEAP_UNITS, bound_of
from app.domain.expressions.errors import CannotEvaluate, reason_of
from app.domain.expressions.interpreter import PLAIN, MeteredInterpreter, Node
from app.domain.expressions.meter import Meter
from app.domain.expressions.syntax import parse

# Of an event's id, type, source and time, with their names; added to the size of its payload.
EVENT_BYTES = 600


class Expression:
    __slots__ = ("_bound", "_tree", "text")

    def __init__(self, text: str, tree: Node) -> None:
        self.text = text
        self._tree = tree
        bound = bound_of(tree)
        self._bound = None if bound is None else bound.units

    def cost(self, payload_bytes: int) -> float | None:
        """Units that it takes at most on an event with such a payload. None: only running it can
        tell, and it runs in the sandbox."""
        if self._bound is None or payload_bytes > CHEAP_PAYLOAD_BYTES:
            return None
        units = self._bound.at(EVENT_BYTES + payload_bytes)
        return units if units <= CHEAP_UNITS else None

    def evaluate(self, document: Any, meter: Meter) -> Any:
        """What the expression makes of `document`. CannotEvaluate when it fails on it; OverBudget
        when `meter` ends it."""
        return self._run(MeteredInterpreter(meter), document)

    def evaluate_cheap(self, document: Any) -> Any:
        """The same, without a meter: only where `cost` is known. CannotEvaluate."""
        return self._run(PLAIN, document)

    def _run(self, interpreter: Any, document: Any) -> Any:
        try:
            return interpreter.visit(self._tree, document)
        except (CannotEvaluate, MemoryError):
            raise
        except Exception as error:
            # JMESPath lets TypeError, OverflowError and others through, all caused by
            # the expression or its input.
            raise CannotEvaluate(reason_of(error)) from error


@lru_cache(maxsize=2048)
def compiled(text: str) -> Expression:
    """Invalid, on the field ``, tells what is wrong and where."""
    return Expression(text, parse(text))
