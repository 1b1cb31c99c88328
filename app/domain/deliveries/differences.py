"""What differs between two recorded texts: pairs by name, other text by line.

The work and the result are bounded, whatever a receiver has sent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

Pairs = Sequence[tuple[str, str]]

# Characters shown of a value or line, and where in them a difference further back is shown.
VALUE_SHOWN, LEAD = 300, 40
# Differences that are listed; the others are counted.
SHOWN = 100
# Lines that are aligned with each other; more are shown as removed and added.
ALIGNED = 300
# Equal lines around a difference.
CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """name: of a header or parameter, or the path of a JSON field. before, after: None where it is
    missing."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """total: of all differences, also those that are not listed. same: how many are equal."""

    listed: tuple[Difference, ...]
    total: int
    same: int

    @property
    def more(self) -> int:
        return self.total - len(self.listed)


@dataclass(frozen=True, slots=True)
class Line:
    """mark: `-` before, `+` after, a blank for both, `…` for lines that are left out."""

    mark: str
    text: str


def of_pairs(before: Pairs, after: Pairs, shown_before: Pairs, shown_after: Pairs) -> Differences:
    """Compare by name, without regard to case and order of names; repeated names by their order.

    shown_before, shown_after: the same pairs as the reader may see them.
    """
    first, second = _by_name(before, shown_before), _by_name(after, shown_after)
    listed: list[Difference] = []
    total = same = 0
    for name in dict.fromkeys((*first, *second)):
        for one_value, other in zip_longest(first.get(name, ()), second.get(name, ())):
            if one_value and other and one_value[1] == other[1]:
                same += 1
                continue
            total += 1
            if total <= SHOWN:
                title = (one_value or other)[0]
                listed.append(difference(title, one_value and one_value[2], other and other[2]))
    return Differences(tuple(listed), total, same)


def _by_name(pairs: Pairs, shown: Pairs) -> dict[str, list[tuple[str, str, str]]]:
    """{name in lower case: [(name, value, shown value)]}"""
    by_name: dict[str, list[tuple[str, str, str]]] = {}
    for (name, value), (_, shown_value) in zip(pairs, shown, strict=True):
        by_name.setdefault(name.lower(), []).append((name, value, shown_value))
    return by_name


def difference(name: str, before: str | None, after: str | None) -> Difference:
    """With long values cut to the part in which they differ."""
    if before is None or after is None:
        return Difference(name, _cut(before), _cut(after))
    return Difference(name, *_windows(before, after))


def of_lines(before: str, after: str) -> list[Line]:
    """The lines that differ, with a few equal ones around them; at most SHOWN, then `…`."""
    first, second = before.splitlines(), after.splitlines()
    start = _equal_from_start(first, second)
    end = _equal_from_start(first[start:][::-1], second[start:][::-1])
    removed, added = first[start : len(first) - end], second[start : len(second) - end]
    lines = [Line(" ", text) for text in first[max(0, start - CONTEXT) : start]]
    if start > CONTEXT:
        lines.insert(0, Line("…", f"{start - CONTEXT} equal lines"))
    lines += _aligned(removed, added)
    rest = first[len(first) - end :] if end else []
    lines += [Line(" ", text) for text in rest[:CONTEXT]]
    if end > CONTEXT:
        lines.append(Line("…", f"{end - CONTEXT} equal lines"))
    if len(lines) > SHOWN:
        lines = [*lines[:SHOWN], Line("…", f"{len(lines) - SHOWN} more lines")]
    return _narrowed(lines)


def _equal_from_start(first: Sequence[str], second: Sequence[str]) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


def _aligned(removed: list[str], added: list[str]) -> list[Line]:
    """By the longest common subsequence, whose table has at most ALIGNED x ALIGNED cells."""
    if len(removed) > ALIGNED or len(added) > ALIGNED:
        half = SHOWN // 2
        return [*_all("-", removed, half), *_all("+", added, half)]
    lengths = _common_lengths(removed, added)
    lines, i, j = [], 0, 0
    while i < len(removed) or j < len(added):
        if i < len(removed) and j < len(added) and removed[i] == added[j]:
            lines.append(Line(" ", removed[i]))
            i, j = i + 1, j + 1
        elif i < len(removed) and (j == len(added) or lengths[i + 1][j] >= lengths[i][j + 1]):
            lines.append(Line("-", removed[i]))
            i += 1
        else:
            lines.append(Line("+", added[j]))
            j += 1
    return lines


def _all(mark: str, lines: list[str], at_most: int) -> Iterable[Line]:
    yield from (Line(mark, text) for text in lines[:at_most])
    if len(lines) > at_most:
        words = "removed" if mark == "-" else "added"
        yield Line("…", f"{len(lines) - at_most} more lines {words}")


def _common_lengths(removed: list[str], added: list[str]) -> list[list[int]]:
    """[i][j]: the length of the longest common subsequence of removed[i:] and added[j:]."""
    lengths = [[0] * (len(added) + 1) for _ in range(len(removed) + 1)]
    for i in range(len(removed) - 1, -1, -1):
        row, below, text = lengths[i], lengths[i + 1], removed[i]
        for j in range(len(added) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if text == added[j] else max(below[j], row[j + 1])
    return lengths


def _narrowed(lines: list[Line]) -> list[Line]:
    """Cut long lines: a removed line and the added one in its position, to where they differ."""
    narrowed = [Line(line.mark, _cut(line.text) or "") for line in lines]
    index = 0
    while index < len(lines):
        removed = _run(lines, index, "-")
        added = _run(lines, index + removed, "+")
        for k in range(min(removed, added)):
            before, after = index + k, index + removed + k
            texts = _windows(lines[before].text, lines[after].text)
            narrowed[before], narrowed[after] = Line("-", texts[0]), Line("+", texts[1])
        index += removed + added or 1
    return narrowed


def _run(lines: list[Line], start: int, mark: str) -> int:
    end = start
    while end < len(lines) and lines[end].mark == mark:
        end += 1
    return end - start


def _windows(before: str, after: str) -> tuple[str, str]:
    if max(len(before), len(after)) <= VALUE_SHOWN:
        return before, after
    pairs = enumerate(zip(before, after, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
    start = max(0, at - LEAD) if at >= VALUE_SHOWN - LEAD else 0
    return _window(before, start), _window(after, start)


def _window(text: str, start: int) -> str:
    end = start + VALUE_SHOWN
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _cut(text: str | None) -> str | None:
    return None if text is None else _window(text, 0)
