"""A response of Redis is bounded as a whole, whichever way redis-py reads it."""

import socket
import time

import pytest

from app.runtime.redis.deadline import _Socket


@pytest.mark.parametrize("way", ["recv", "recv_into"])
def test_no_read_begins_after_the_deadline(way: str) -> None:
    own, other = socket.socketpair()
    with own, other:
        other.sendall(b"late")
        bounded = _Socket(own)
        bounded.deadline = time.monotonic()
        with pytest.raises(TimeoutError):
            bounded.recv(4) if way == "recv" else bounded.recv_into(bytearray(4))


def test_reads_take_flags_and_fill_buffers() -> None:
    own, other = socket.socketpair()
    with own, other:
        other.sendall(b"data")
        bounded, buffer = _Socket(own), bytearray(8)
        assert bounded.recv(1, socket.MSG_PEEK) == b"d"
        assert bounded.recv_into(buffer) == 4
        assert buffer[:4] == b"data"
