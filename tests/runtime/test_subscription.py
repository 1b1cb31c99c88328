"""Messages of a channel, from a real Redis."""

from collections.abc import Iterator

import pytest
import redis

from app.runtime.redis.deadline import bound
from app.runtime.redis.subscription import Subscription
from tests.support.waiting import eventually

CHANNEL = "some:channel"


def client(url: str, parameters: str = "") -> redis.Redis:
    """That waits less than those of the other tests."""
    plain = url.partition("?")[0] + parameters
    return bound(redis.Redis.from_url(plain, socket_timeout=0.2))


@pytest.fixture
def server(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as other:
        yield other


@pytest.fixture
def channel(redis_url: str) -> Iterator[Subscription]:
    with client(redis_url) as own:
        subscription = Subscription(own, CHANNEL)
        subscription.subscribe()
        assert read(subscription, 1) == [b""]
        yield subscription
        subscription.close()


def read(channel: Subscription, number: int) -> list[bytes]:
    messages: list[bytes] = []

    def has_all() -> bool:
        messages.extend(channel.read())
        return len(messages) >= number

    eventually(has_all)
    return messages


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_subscription_is_confirmed_by_an_empty_message(redis_url: str, protocol: int) -> None:
    with client(redis_url, f"?protocol={protocol}") as own:
        subscription = Subscription(own, CHANNEL)
        subscription.subscribe()
        assert read(subscription, 1) == [b""]
        own.publish(CHANNEL, b"text")
        assert read(subscription, 1) == [b"text"]
        subscription.close()


@pytest.mark.parametrize("message", [b"", b"text", b"\r\n$3\r\n\0\xff", b"x" * 300_000])
def test_a_message_arrives_as_it_was_published(
    server: redis.Redis, channel: Subscription, message: bytes
) -> None:
    server.publish(CHANNEL, message)
    assert read(channel, 1) == [message]


def test_many_messages_arrive_in_their_order(server: redis.Redis, channel: Subscription) -> None:
    sent = [b"%d" % number for number in range(500)]
    with server.pipeline(transaction=False) as pipeline:
        for message in sent:
            pipeline.publish(CHANNEL, message)
        pipeline.execute()
    assert read(channel, 500) == sent


def test_nothing_is_read_when_nothing_was_published(channel: Subscription) -> None:
    assert channel.read() == []


def test_what_came_before_the_end_of_a_subscription_is_dropped(
    server: redis.Redis, channel: Subscription
) -> None:
    server.publish(CHANNEL, b"before")
    channel.unsubscribe()
    server.publish(CHANNEL, b"between")
    channel.subscribe()
    server.publish(CHANNEL, b"after")
    assert read(channel, 2) == [b"", b"after"]


def test_a_closed_connection_is_an_error(server: redis.Redis, channel: Subscription) -> None:
    server.client_kill_filter(_type="pubsub")
    with pytest.raises((redis.ConnectionError, ConnectionError)):
        read(channel, 1)


def test_a_refused_subscription_says_why(server: redis.Redis, redis_url: str) -> None:
    server.acl_setuser(
        "narrow", enabled=True, nopass=True, commands=["+@all"], channels=[], reset_channels=True
    )
    try:
        with client(redis_url.replace("://", "://narrow:any@")) as own:
            subscription = Subscription(own, CHANNEL)
            subscription.subscribe()
            with pytest.raises(redis.ResponseError, match="NOPERM"):
                read(subscription, 1)
            subscription.close()
    finally:
        server.acl_deluser("narrow")


def test_a_message_that_is_too_long_is_an_error(server: redis.Redis, channel: Subscription) -> None:
    server.publish(CHANNEL, b"x" * (2 << 20))
    with pytest.raises(redis.ConnectionError, match="too long"):
        read(channel, 1)
