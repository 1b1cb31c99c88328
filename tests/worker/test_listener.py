"""Announcements to a worker that is awake, over a real Redis."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis

from app.domain.common.ids import new_id
from app.engine.announcements import Announcements
from app.engine.shards import Shards
from app.runtime.redis.due_channel import MAX_NAMES
from app.runtime.wakeup import WakeUp, queue_on
from app.worker.listener import Listener
from tests.support.servers import redis as redis_server
from tests.support.servers.tcp_proxy import TcpProxy
from tests.support.waiting import eventually


@dataclass
class Dispatcher:
    """Counts how often its wait was interrupted."""

    wakes: int = 0
    announcements: Announcements = field(init=False)

    def __post_init__(self) -> None:
        self.announcements = Announcements(self._wake, Shards("this"))

    def _wake(self) -> None:
        self.wakes += 1


@pytest.fixture
def dispatcher() -> Dispatcher:
    return Dispatcher()


@pytest.fixture
def producer(redis_url: str) -> WakeUp:
    return WakeUp(redis_url)


@pytest.fixture
def listener(redis_url: str, dispatcher: Dispatcher) -> Iterator[Listener]:
    listener = Listener(redis_url, WakeUp(redis_url), dispatcher.announcements)
    yield listener
    listener.close()


def _jobs(redis_url: str) -> int:
    with redis.Redis.from_url(redis_url) as server:
        return int(queue_on(server).count)


def _listening(listener: Listener, dispatcher: Dispatcher) -> None:
    listener.start()
    eventually(lambda: dispatcher.announcements.is_listening)
    eventually(lambda: dispatcher.announcements.is_pending)
    dispatcher.announcements.is_pending = False


def test_a_notification_interrupts_a_dispatcher_that_is_awake(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp
) -> None:
    _listening(listener, dispatcher)
    wakes = dispatcher.wakes
    producer.notify()
    eventually(lambda: dispatcher.announcements.is_pending)
    assert dispatcher.wakes == wakes + 1


def test_a_notification_names_the_webhooks(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp
) -> None:
    _listening(listener, dispatcher)
    due = {(new_id(), new_id()), (new_id(), new_id())}
    producer.notify(due)
    eventually(lambda: dispatcher.announcements.is_waiting)
    assert dispatcher.announcements.is_pending is False
    assert dispatcher.announcements.take_named() == due
    assert dispatcher.announcements.is_waiting is False


def test_more_webhooks_than_are_worth_naming_are_read_from_the_due_queue(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp
) -> None:
    _listening(listener, dispatcher)
    producer.notify({(new_id(), new_id()) for _ in range(MAX_NAMES + 1)})
    eventually(lambda: dispatcher.announcements.is_pending)
    assert not dispatcher.announcements.take_named()


def test_workers_that_are_awake_hear_of_each_other(
    listener: Listener, dispatcher: Dispatcher, redis_url: str
) -> None:
    _listening(listener, dispatcher)
    shards, webhooks = dispatcher.announcements.shards, [f"w{number}" for number in range(40)]

    def own() -> int:
        return sum(shards.is_own(webhook_id, time.monotonic()) for webhook_id in webhooks)

    other = WakeUp(redis_url)
    assert own() == 40
    eventually(lambda: (other.mark_awake("other"), own())[1] < 40)
    other.acknowledge("other")
    eventually(lambda: own() == 40)


def test_no_job_is_enqueued_while_a_worker_is_awake(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp, redis_url: str
) -> None:
    _listening(listener, dispatcher)
    with redis.Redis.from_url(redis_url) as server:
        eventually(lambda: server.exists("callboard:bell") == 1)
    producer.notify()
    eventually(lambda: dispatcher.announcements.is_pending)
    assert _jobs(redis_url) == 0


def test_a_call_for_help_enqueues_a_job_although_a_worker_is_awake(
    listener: Listener, dispatcher: Dispatcher, redis_url: str
) -> None:
    _listening(listener, dispatcher)
    with redis.Redis.from_url(redis_url) as server:
        eventually(lambda: server.exists("callboard:bell") == 1)
    WakeUp(redis_url).call_for_help()
    eventually(lambda: _jobs(redis_url) == 1)


def test_a_notification_after_the_pause_enqueues_a_job(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp, redis_url: str
) -> None:
    _listening(listener, dispatcher)
    listener.pause()
    producer.notify()
    eventually(lambda: _jobs(redis_url) == 1)


def test_a_paused_listener_leaves_the_channel(
    listener: Listener, dispatcher: Dispatcher, redis_url: str
) -> None:
    _listening(listener, dispatcher)
    listener.pause()
    eventually(lambda: not dispatcher.announcements.is_listening)
    with redis.Redis.from_url(redis_url) as server:
        eventually(lambda: server.pubsub_numsub("callboard:due")[0][1] == 0)


def test_a_listener_can_be_started_again_after_a_pause(
    listener: Listener, dispatcher: Dispatcher, producer: WakeUp
) -> None:
    _listening(listener, dispatcher)
    listener.pause()
    eventually(lambda: not dispatcher.announcements.is_listening)
    _listening(listener, dispatcher)
    producer.notify()
    eventually(lambda: dispatcher.announcements.is_pending)


def test_a_listener_without_redis_tells_the_dispatcher_to_poll(dispatcher: Dispatcher) -> None:
    with redis_server.running() as url:
        listener = Listener(url, WakeUp(url), dispatcher.announcements)
        _listening(listener, dispatcher)
    eventually(lambda: not dispatcher.announcements.is_listening)
    listener.close()


def test_a_closed_listener_interrupts_nothing(dispatcher: Dispatcher) -> None:
    dispatcher.announcements.close()
    dispatcher.announcements.announce()
    assert dispatcher.wakes == 0


def test_a_connection_on_which_nothing_arrives_any_more_is_replaced(
    redis_server_url: str, redis_url: str, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.worker.listener._SILENT_SECONDS", 0.9)
    server = redis.Redis.from_url(redis_server_url).get_connection_kwargs()

    def connect() -> socket.socket:
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(server["path"])
        return connected

    network = TcpProxy(connect)
    url = f"redis://:{server['password']}@127.0.0.1:{network.port}/0"
    listener = Listener(url, WakeUp(redis_url), dispatcher.announcements)
    try:
        _listening(listener, dispatcher)
        network.cut()
        eventually(lambda: not dispatcher.announcements.is_listening)
        network.mend()
        eventually(lambda: dispatcher.announcements.is_listening)
    finally:
        listener.close()
        network.close()
