"""JMESPath expressions over an event, as filters and as shapes of bodies, within bounds.

An expression comes from a tenant and runs where others' events wait, so what it may cost is
bounded: its length and nesting, how often it may copy its input, and how many steps it takes.
"""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import jmespath.exceptions
from jmespath.functions import Functions, signature
from jmespath.lexer import Lexer
from jmespath.parser import Parser
from jmespath.visitor import TreeInterpreter

from app.domain.errors import Invalid, invalid

LONGEST = 4000
DEEPEST = 100
MOST_COPIES = 300
MOST_STEPS = 50_000
MOST_JOINED = 1 << 22

_REMEDY = (
    'Write a JMESPath expression over the event, such as `payload.status == "done"`'
    " with fields id, type, source, occurred_at and payload."
)
# What the library calls a node: a dict with type, value and children.
_Node = Any
_SUMMED = frozenset({"multi_select_list", "multi_select_dict", "function_expression"})


class CannotEvaluate(Exception):
    """The expression failed on this event; the text says how, in plain words."""


class _Lexer(Lexer):
    """Takes JSON alone between backticks, as the language has it; the library still makes a text
    of anything else there, and warns that it will not for long."""

    # Of the library, which does not say so in its types.
    _position: int
    _consume_until: Callable[[str], str]

    def _consume_literal(self) -> Any:
        start, text = self._position, self._consume_until("`").replace("\\`", "`")
        try:
            value = json.loads(text)
        except ValueError as error:
            right = f"Between backticks stands JSON; write a text as '{text.strip()[:40]}'"
            raise ValueError(right) from error
        return {"type": "literal", "value": value, "start": start, "end": self._position - start}


class Expression:
    """A parsed expression, for `evaluate` and `matches`."""

    __slots__ = ("_tree", "text")

    def __init__(self, text: str, tree: _Node) -> None:
        self.text = text
        self._tree = tree

    def evaluate(self, document: Any) -> Any:
        """What the expression makes of `document`. CannotEvaluate when it fails on it."""
        interpreter = _Interpreter()
        try:
            return interpreter.visit(self._tree, document)
        except CannotEvaluate:
            raise
        except Exception as error:
            # JMESPath lets TypeError, OverflowError and others through, all of them by the doing
            # of the expression and its input.
            raise CannotEvaluate(f"{error}"[:300]) from error


def compile_filter(text: object, field: str = "filter") -> Expression:
    """The expression in `text`. Invalid tells what is wrong with it and where."""
    if not isinstance(text, str):
        raise invalid(field, "type", "This is not a text.", _REMEDY)
    if not text.strip():
        raise invalid(field, "required", "The expression is empty.", _REMEDY)
    if len(text) > LONGEST:
        raise invalid(field, "length", f"It has more than {LONGEST} characters.", _REMEDY)
    try:
        return _compiled(text)
    except Invalid as refusal:
        error = refusal.errors[0]
        raise invalid(field, error.code, error.problem, error.remedy) from refusal


def matches(text: str, document: Any) -> bool:
    """Whether the filter lets the event through: true as JMESPath has it (0 is true; null, false
    and what is empty are not). One that fails on the event does not let it through."""
    try:
        return is_true(evaluate(text, document))
    except CannotEvaluate:
        return False


def evaluate(text: str, document: Any) -> Any:
    """What a stored expression makes of `document`. CannotEvaluate when it cannot."""
    try:
        expression = _compiled(text)
    except Invalid as refusal:
        raise CannotEvaluate(refusal.errors[0].problem) from refusal
    return expression.evaluate(document)


def is_true(value: Any) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


@lru_cache(maxsize=2048)
def _compiled(text: str) -> Expression:
    try:
        # First by itself: the library's own, inside the parser, has nothing left to warn of.
        list(_Lexer().tokenize(text))
        tree = Parser().parse(text).parsed
        if _depth_exceeds(tree, DEEPEST):
            raise _deep()
        for node in _nodes(tree):
            _check_function(node)
        copies = _copies(tree)
    except (jmespath.exceptions.JMESPathError, ValueError) as error:
        raise invalid("", "syntax", _told(error), _REMEDY) from error
    except RecursionError as error:
        raise _deep() from error
    if copies > MOST_COPIES:
        problem = "It may copy its input too many times."
        remedy = f"Let the nested lists and objects come to at most {MOST_COPIES} parts."
        raise invalid("", "size", problem, remedy)
    return Expression(text, tree)


def _deep() -> Invalid:
    remedy = f"Nest at most {DEEPEST} levels."
    return invalid("", "depth", "The expression is nested too deeply.", remedy)


def _told(error: Exception) -> str:
    """The library's message without the drawing of an arrow that needs a fixed-width font."""
    lines = str(error).splitlines() or ["It cannot be read."]
    return lines[0].rstrip(":.").removesuffix(", for expression") + "."


def _children(node: _Node) -> list[_Node]:
    # The children of a slice are numbers.
    return [child for child in node.get("children", []) if isinstance(child, dict)]


def _nodes(tree: _Node) -> Iterator[_Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(_children(node))


def _depth_exceeds(tree: _Node, most: int) -> bool:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > most:
            return True
        level = [child for node in level for child in _children(node)]
    return False


def _check_function(node: _Node) -> None:
    if node["type"] != "function_expression":
        return
    name, given = node["value"], len(node["children"])
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        raise ValueError(f"There is no function {name}()")
    needed = len(known["signature"])
    variadic = bool(known["signature"]) and known["signature"][-1].get("variadic", False)
    if given < needed or (given > needed and not variadic):
        raise ValueError(f"{name}() takes {needed} arguments, not {given}")


def _copies(node: _Node) -> int:
    """How many times as large as its input the result can be: parts that stand beside each other
    add up, and those that work on each other's results multiply."""
    below = [_copies(child) for child in _children(node)]
    if node["type"] == "literal":
        return 1 + len(str(node["value"])) // 64
    if node["type"] in _SUMMED:
        return max(1, sum(below))
    product = 1
    for factor in below:
        product = min(product * factor, MOST_COPIES + 1)
    return product


class _Functions(Functions):
    @signature({"types": ["string"]}, {"types": ["array-string"]})
    def _func_join(self, glue: str, parts: list[str]) -> str:
        if sum(map(len, parts)) + len(glue) * len(parts) > MOST_JOINED:
            raise CannotEvaluate("join() would make too long a text.")
        return glue.join(parts)


class _Interpreter(TreeInterpreter):
    """Counts its steps. One for each evaluation."""

    def __init__(self) -> None:
        super().__init__()
        self._functions = _FUNCTIONS
        self._steps = 0

    def visit(self, node: _Node, *args: Any, **kwargs: Any) -> Any:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise CannotEvaluate(f"The expression took more than {MOST_STEPS} steps.")
        return super().visit(node, *args, **kwargs)


_FUNCTIONS = _Functions()
