"""Announcements between processes."""

import redis

from app.runtime.relaying.topics import Topics, announce
from tests.support.servers.redis import running
from tests.support.waiting import eventually


class Watcher:
    def __init__(self, topics: Topics, topic: str) -> None:
        self.times = 0
        self.end = topics.watch(topic, self._notify)

    def _notify(self) -> None:
        self.times += 1


def test_an_announcement_reaches_those_that_watch_its_topic(redis_url: str) -> None:
    topics = Topics(redis_url)
    first = Watcher(topics, "a")
    # What watches is told when the connection is made.
    eventually(lambda: first.times == 1)
    other = Watcher(topics, "b")
    with redis.Redis.from_url(redis_url) as server:
        announce(server, "a")
        eventually(lambda: first.times == 2)
        first.end()
        announce(server, "a")
        announce(server, "b")
        eventually(lambda: other.times == 1)
    assert first.times == 2
    topics.close()


def test_all_are_told_when_redis_is_back() -> None:
    with running() as url:
        topics = Topics(url)
        watcher = Watcher(topics, "a")
        eventually(lambda: watcher.times == 1)
        with redis.Redis.from_url(url) as server:
            # Ends the connection of the subscription.
            server.client_kill_filter(_type="pubsub")
        eventually(lambda: watcher.times == 2)
        topics.close()


def test_the_thread_ends_when_it_is_closed(redis_url: str) -> None:
    topics = Topics(redis_url)
    watcher = Watcher(topics, "a")
    eventually(lambda: watcher.times == 1)
    topics.close()
    eventually(lambda: topics._listener is None)
