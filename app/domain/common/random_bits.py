"""Random numbers of the operating system, drawn many at a time.

A draw lets other threads run; under load it takes longer until the drawing one runs again.
"""

import os
import struct

_DRAWN = 256
_numbers = struct.Struct(f"{_DRAWN}Q")
_pool: list[int] = []
# A child of a fork must not hand out the same numbers as its parent.
os.register_at_fork(after_in_child=_pool.clear)


def random_64_bits() -> int:
    """An unpredictable number below 2**64, which nobody else gets. May be called by any thread."""
    while True:
        try:
            return _pool.pop()
        except IndexError:
            _pool.extend(_numbers.unpack(os.urandom(_numbers.size)))
