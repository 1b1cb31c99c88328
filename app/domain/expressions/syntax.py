"""Parsing an expression, and what its text may be."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jmespath.exceptions
from jmespath.functions import Functions
from jmespath.lexer import Lexer
from jmespath.parser import Parser

from app.domain.common.errors import Invalid, invalid
from app.domain.expressions.interpreter import Node

MAX_LENGTH = 4000
MAX_DEPTH = 100

REMEDY = (
    'Write a JMESPath expression over the event, such as `payload.status == "done"`'
    " with fields id, type, source, occurred_at and payload."
)
_REFERENCE = "`&` is only allowed before an argument of a function such as sort_by() or map()"


class _Lexer(Lexer):
    """Takes only JSON between backticks, as the language has it; the library still
    reads anything else there as a string, with a deprecation warning."""

    # Of the library, which does not say so in its types.
    _position: int
    _consume_until: Callable[[str], str]

    def _consume_literal(self) -> Any:
        start, text = self._position, self._consume_until("`").replace("\\`", "`")
        try:
            value = json.loads(text)
        except ValueError as error:
            right = f"Backticks enclose JSON; write a string as '{text.strip()[:40]}'"
            raise ValueError(right) from error
        return {"type": "literal", "value": value, "start": start, "end": self._position - start}


def parse(text: str) -> Node:
    """The syntax tree. Invalid, on the field ``, tells what is wrong and where."""
    try:
        # First by itself: the library's own, inside the parser, has nothing left to warn of.
        list(_Lexer().tokenize(text))
        tree = Parser().parse(text).parsed
        if _depth_exceeds(tree, MAX_DEPTH):
            raise _too_deep()
        _check_references(tree)
        for node in _nodes(tree):
            _check_function(node)
    except (jmespath.exceptions.JMESPathError, ValueError) as error:
        raise invalid("", "syntax", _summary(error), REMEDY) from error
    except RecursionError as error:
        raise _too_deep() from error
    return tree


def children_of(node: Node) -> list[Node]:
    # The children of a slice are numbers.
    return [child for child in node.get("children", []) if isinstance(child, dict)]


def _too_deep() -> Invalid:
    remedy = f"Nest at most {MAX_DEPTH} levels."
    return invalid("", "depth", "The expression is nested too deeply.", remedy)


def _summary(error: Exception) -> str:
    """The library's message without the drawing of an arrow that needs a fixed-width font."""
    lines = str(error).splitlines() or ["It cannot be read."]
    return lines[0].rstrip(":.").removesuffix(", for expression") + "."


def _nodes(tree: Node) -> Iterator[Node]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children_of(node))


def _depth_exceeds(tree: Node, most: int) -> bool:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > most:
            return True
        level = [child for node in level for child in children_of(node)]
    return False


def _check_function(node: Node) -> None:
    if node["type"] != "function_expression":
        return
    name, number = node["value"], len(node["children"])
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        raise ValueError(f"There is no function {name}()")
    needed = len(known["signature"])
    variadic = bool(known["signature"]) and known["signature"][-1].get("variadic", False)
    if number < needed or (number > needed and not variadic):
        raise ValueError(f"{name}() takes {needed} arguments, not {number}")


def _check_references(tree: Node) -> None:
    """`&expression` is an argument of certain functions and no value: the library would write the
    address of its own object into a text."""
    if tree["type"] == "expref":
        raise ValueError(_REFERENCE)
    for node in _nodes(tree):
        for index, child in enumerate(children_of(node)):
            if child["type"] == "expref" and not _takes_reference(node, index):
                raise ValueError(_REFERENCE)


def _takes_reference(node: Node, index: int) -> bool:
    known = Functions.FUNCTION_TABLE.get(node.get("value"))
    if node["type"] != "function_expression" or known is None:
        return False
    kinds = known["signature"]
    return index < len(kinds) and "expref" in kinds[index]["types"]
