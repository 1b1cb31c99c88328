"""Random ids of traces and spans."""

import random

# They guard nothing, and the system's generator costs ten times as much. Seeded by the system.
_bits = random.Random().getrandbits  # noqa: S311


def new_trace_id() -> int:
    return _bits(128) or 1


def new_span_id() -> int:
    return _bits(64) or 1
