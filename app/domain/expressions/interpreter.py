"""JMESPath's interpreter with a meter, and without one for what is provably cheap."""

from typing import Any

from jmespath.visitor import TreeInterpreter

from app.domain.expressions.functions import MeteredFunctions
from app.domain.expressions.meter import Meter

# What the library calls a node: a dict with type, value and children.
Node = Any
# Units of one step, with its share of the loop around it.
STEP = 20


class MeteredInterpreter(TreeInterpreter):
    """For one evaluation."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter
        self._functions = MeteredFunctions(meter)

    def visit(self, node: Node, *args: Any, **kwargs: Any) -> Any:
        self._meter.work(STEP)
        return super().visit(node, *args, **kwargs)

    def visit_comparator(self, node: Node, value: Any) -> Any:
        left = self.visit(node["children"][0], value)
        right = self.visit(node["children"][1], value)
        if node["value"] not in ("eq", "ne"):
            return self._ordered(node["value"], left, right)
        if isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
            return self._meter.equal(left, right) is (node["value"] == "eq")
        if isinstance(left, str):
            self._meter.work(len(left) >> 8)
        return self.COMPARATOR_FUNC[node["value"]](left, right)

    def _ordered(self, operator: str, left: Any, right: Any) -> Any:
        """None for what has no order, as the library has it."""
        for operand in (left, right):
            if isinstance(operand, bool) or not isinstance(operand, (int, float, str)):
                return None
        if isinstance(left, str):
            self._meter.work(len(left) >> 8)
        return self.COMPARATOR_FUNC[operator](left, right)

    def visit_flatten(self, node: Node, value: Any) -> list[Any] | None:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        self._meter.work(len(base))
        self._meter.elements(sum(len(item) if isinstance(item, list) else 1 for item in base))
        merged: list[Any] = []
        for item in base:
            if isinstance(item, list):
                merged.extend(item)
            else:
                merged.append(item)
        return merged

    def visit_slice(self, node: Node, value: Any) -> Any:
        if isinstance(value, list):
            part = slice(*node["children"])
            self._meter.elements(len(range(*part.indices(len(value)))))
        return super().visit_slice(node, value)

    def visit_projection(self, node: Node, value: Any) -> Any:
        return self._collected(super().visit_projection(node, value))

    def visit_value_projection(self, node: Node, value: Any) -> Any:
        return self._collected(super().visit_value_projection(node, value))

    def visit_filter_projection(self, node: Node, value: Any) -> Any:
        return self._collected(super().visit_filter_projection(node, value))

    def visit_multi_select_list(self, node: Node, value: Any) -> Any:
        return self._collected(super().visit_multi_select_list(node, value))

    def visit_multi_select_dict(self, node: Node, value: Any) -> Any:
        return self._collected(super().visit_multi_select_dict(node, value))

    def _collected(self, result: Any) -> Any:
        """Each element was a step, and so is paid for already."""
        if result is not None:
            self._meter.elements(len(result))
        return result


class PlainInterpreter(TreeInterpreter):
    """For trees that `bounds` finds cheap: their cost was counted when they were parsed. One for
    the whole process; it keeps nothing of an evaluation."""


PLAIN = PlainInterpreter()
