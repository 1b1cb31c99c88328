"""Sandbox tasks that never end on one kind of filter, as if their accounting were wrong."""

from collections.abc import Iterator, Sequence

from app.runtime.sandbox import expression_tasks

# Filters that contain this never end.
ENDLESS = "numbers"


def judge(event: list[object], texts: Sequence[str], units: int) -> Iterator[bytes]:
    for text in texts:
        while ENDLESS in text:
            pass
        yield from expression_tasks.judge(event, [text], units)
