"""Redis behind Sentinel: the current master, and the next one after a failover."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import redis
from limits.storage import RedisStorage

from app.engine.announcements import Announcements
from app.engine.shards import Shards
from app.runtime.limits.storage import LimitStorage
from app.runtime.wakeup import CHANNEL, WakeUp, client
from app.worker.listener import Listener
from app.worker.rq_queue import RqQueue
from tests.support.certificates import Authority
from tests.support.servers import sentinels
from tests.support.waiting import eventually

JOB_ID = "01a1fcfe8e4c7957944b6ce6ac050e1f"


@pytest.fixture(scope="module")
def group() -> Iterator[sentinels.Group]:
    with sentinels.running() as group:
        yield group


def _port(connection: redis.Redis) -> int:
    return int(connection.info("server")["tcp_port"])


def _responds(connection: redis.Redis, port: int) -> bool:
    try:
        return _port(connection) == port
    except (redis.RedisError, OSError):
        return False


def test_the_master_is_the_one_that_the_sentinels_name(group: sentinels.Group) -> None:
    ports: list[int] = []
    with client(group.url, on_master=ports.append) as connection:
        assert _port(connection) == group.ports[0]
    assert ports == [group.ports[0]]


def test_wrong_credentials_of_sentinels_are_an_error_of_redis(group: sentinels.Group) -> None:
    url = group.url.replace("the%2F", "not-the%2F")
    with pytest.raises(redis.ConnectionError, match="no sentinel names a master of callboard"):
        client(url).ping()


def test_not_all_hanging_sentinels_are_waited_for_and_each_is_asked_in_turn() -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(6)]
        hosts = ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in silent)
        connection = stack.enter_context(client(f"redis+sentinel://{hosts}/callboard"))
        first, second = [_asked(connection, silent) for _ in range(2)]
    assert 1 <= len(first) < 6
    assert second
    assert not first & second


def _asked(connection: redis.Redis, silent: list[socket.socket]) -> set[int]:
    """Indexes of those that got a connection."""
    with pytest.raises(redis.ConnectionError):
        connection.ping()
    asked = set()
    for index, server in enumerate(silent):
        server.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            server.accept()[0].close()
            asked.add(index)
    return asked


@pytest.mark.long
def test_with_tls_sentinels_and_servers_are_verified_before_and_after_a_failover(
    tmp_path: Path,
) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    own = sentinels.Tls(authority.file, str(authority.certificate("127.0.0.1")))
    with sentinels.running(own) as group, client(group.url) as connection:
        assert _port(connection) == group.ports[0]
        with pytest.raises(redis.ConnectionError, match="certificate verify failed"):
            client(group.url.replace(quote_plus(own.authority), quote_plus(other.file))).ping()
        with pytest.raises(redis.ConnectionError, match="no sentinel names a master"):
            client(group.url.replace("rediss+", "redis+").partition("&ssl_")[0]).ping()
        group.server(group.ports[0]).shutdown(nosave=True)
        eventually(lambda: _responds(connection, group.ports[1]))
        assert connection.set("key", 1)


@pytest.mark.long
def test_after_a_failover_everything_goes_on_with_the_new_master() -> None:
    with sentinels.running() as group, client(group.url) as connection:
        old, new = group.ports
        limits, wake_up, calls = LimitStorage(client(group.url)), WakeUp(group.url), list[str]()
        queue = RqQueue(group.url, calls.append)
        announcements = Announcements(lambda: None, Shards("this"))
        listener = Listener(group.url, wake_up, announcements)
        listener.start()
        eventually(lambda: announcements.is_listening)
        assert not queue.wait_for_wakeup(0.1)
        assert limits.use(lambda storage: storage.incr("visits", 60)) == 1

        group.server(old).shutdown(nosave=True)
        # Meanwhile nothing raises: counts are in memory, wake-ups are lost.
        assert limits.use(lambda storage: storage.incr("calls", 60)) == 1
        wake_up.notify()
        assert not queue.wait_for_wakeup(0.1)

        eventually(lambda: _responds(connection, new))
        eventually(lambda: limits.use(lambda storage: isinstance(storage, RedisStorage)))
        eventually(lambda: announcements.is_listening)
        assert group.server(new).pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]
        listener.pause()
        wake_up.start_job(JOB_ID)
        eventually(lambda: queue.wait_for_wakeup(0.1) or calls == [JOB_ID])
        listener.close()
        queue.close()


@pytest.mark.long
def test_a_demoted_master_is_left_at_the_next_command(group: sentinels.Group) -> None:
    with client(group.url) as connection:
        before = _port(connection)
        [other] = set(group.ports) - {before}
        with group.sentinel() as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", sentinels.SERVICE)
        eventually(lambda: _responds(connection, other))
        assert connection.set("key", 1)
        wake_up = WakeUp(group.url)
        wake_up.notify()
        eventually(lambda: group.server(other).exists("callboard:bell") == 1)
