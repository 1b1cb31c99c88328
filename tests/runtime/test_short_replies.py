"""Commands to Redis with replies of one line."""

import socket
import threading
from collections.abc import Iterator

import pytest
import redis

from app.runtime.redis.short_replies import NULLS, ShortReplies, packed
from app.runtime.wakeup import client

_SET = packed(b"SET", b"key", b"value", b"NX")


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as other:
        yield other


@pytest.fixture
def replies(redis_url: str) -> Iterator[ShortReplies]:
    with client(redis_url) as own:
        short = ShortReplies(own)
        yield short
        short.close()


def test_each_command_has_its_reply(server: redis.Redis, replies: ShortReplies) -> None:
    ping = packed(b"PING")
    [first, pong, second] = replies.call(_SET + ping + _SET, 3)
    assert (first, pong) == (b"+OK", b"+PONG")
    assert second in NULLS
    assert server.get("key") == b"value"


def test_bytes_of_any_kind_arrive_unchanged(server: redis.Redis, replies: ShortReplies) -> None:
    value = b"\r\n$5 \0\xff*2"
    replies.call(packed(b"SET", b"key", value), 1)
    assert server.get("key") == value


def test_an_error_is_raised_and_the_next_command_has_its_own_reply(
    replies: ShortReplies,
) -> None:
    with pytest.raises(redis.ResponseError, match="unknown command"):
        replies.call(packed(b"NONSENSE") + packed(b"PING"), 2)
    assert replies.call(_SET, 1) == [b"+OK"]


def test_a_connection_that_the_server_closed_is_replaced(
    server: redis.Redis, replies: ShortReplies
) -> None:
    replies.call(packed(b"PING"), 1)
    server.client_kill_filter(_type="normal", skipme=True)
    assert replies.call(_SET, 1) == [b"+OK"]


def test_a_server_that_does_not_respond_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        own = client(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", timeout=0.05)
        with pytest.raises((redis.TimeoutError, OSError)):
            ShortReplies(own).call(_SET, 1)


def test_a_server_that_sends_no_end_is_given_up() -> None:
    def drip(listener: socket.socket) -> None:
        accepted, _ = listener.accept()
        with accepted:
            while accepted.recv(4096):
                # Answers what redis-py sends first, and never ends the first line of ours.
                accepted.sendall(b"+OK\r\n+OK\r\n" if not sent else b"+" * 8192)
                sent.append(True)

    sent: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        own = client(f"redis://127.0.0.1:{listener.getsockname()[1]}/0?protocol=2")
        with pytest.raises((redis.RedisError, OSError)):
            ShortReplies(own).call(_SET, 1)
        thread.join()
