"""Nine hosts: two webs, three workers, PostgreSQL and Redis with a standby; each kind fails."""

import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from tests.deploy.tools import cluster
from tests.deploy.tools.cluster import REDIS, WEBS, WORKERS, conninfo, is_ready, start_web, url_of
from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.hosts import NETWORK, Host, move, network
from tests.deploy.tools.producers import Producers
from tests.support.product import PLATFORM_KEY
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)
PART = "Several hosts"


@pytest.fixture(scope="module")
def hosts() -> Iterator[dict[str, Host]]:
    if os.geteuid() != 0:
        not_run(PART, "network namespaces need root")
        pytest.skip("needs root")
    directory = Path(tempfile.mkdtemp(prefix="cb-hosts-"))
    directory.chmod(0o755)
    names = ("db1", "db2", "cache1", "cache2", *WEBS, *WORKERS)
    try:
        with network(directory, *names) as running:
            cluster.start_postgres(running["db1"], running["db2"])
            cluster.start_redis(running["cache1"], running["cache2"])
            cluster.start_callboard(running)
            yield running
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def receiver(hosts: dict[str, Host]) -> Iterator[Receiver]:
    running = Receiver(f"{NETWORK}.1")
    yield running
    running.close()


@pytest.fixture(scope="module")
def producers(hosts: dict[str, Host], receiver: Receiver) -> Iterator[Producers]:
    urls = [url_of(hosts[name]) for name in WEBS]
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}
    created = requests.post(
        f"{urls[0]}/api/v1/organizations", json={"name": "Hosts"}, headers=headers, timeout=10
    )
    headers["Callboard-Organization"] = organization_id = created.json()["id"]
    webhook = {
        "url": receiver.url,
        "retry_policy": {"kind": "schedule", "delays_seconds": [1] * 20},
    }
    added = requests.post(f"{urls[0]}/api/v1/webhooks", json=webhook, headers=headers, timeout=10)
    assert added.ok, added.text
    running = Producers(urls, organization_id).start()
    yield running
    running.stop()


def test_a_web_host_without_power_is_not_missed(
    hosts: dict[str, Host], producers: Producers
) -> None:
    since = _settled(producers)
    hosts["web1"].power_off()
    _more(producers)
    figure(
        PART, "web host without power: longest time without an accepted event", _s(producers, since)
    )
    hosts["web1"].plug()
    start_web(hosts, "web1")
    eventually(lambda: is_ready(url_of(hosts["web1"])), 120)


def test_a_worker_host_without_network_is_not_missed(
    hosts: dict[str, Host], producers: Producers, receiver: Receiver
) -> None:
    since = _settled(producers)
    hosts["work1"].unplug()
    time.sleep(20)
    hosts["work1"].plug()
    _all_arrive(producers, receiver)
    figure(
        PART,
        "worker host without network for 20 s: longest time without an accepted event",
        _s(producers, since),
    )


def test_events_are_accepted_without_the_redis_host(
    hosts: dict[str, Host], producers: Producers, receiver: Receiver
) -> None:
    since = _settled(producers)
    hosts["cache1"].power_off()
    time.sleep(5)
    with redis.Redis(hosts["cache2"].address) as standby:
        standby.replicaof("NO", "ONE")
    move(REDIS, hosts["cache2"], [h for n, h in hosts.items() if n != "cache1"])
    _all_arrive(producers, receiver)
    figure(
        PART,
        "without the Redis host for 5 s, then its standby: longest time without an event",
        _s(producers, since),
    )


def test_the_standby_of_postgresql_takes_over(
    hosts: dict[str, Host], producers: Producers, receiver: Receiver
) -> None:
    since = _settled(producers)
    hosts["db1"].power_off()
    time.sleep(5)
    promoted = time.monotonic()
    with psycopg.connect(conninfo(hosts["db2"]), autocommit=True) as standby:
        standby.execute("SELECT pg_promote()")
    eventually(lambda: producers.accepted[-1][0] > promoted, 30)
    after = next(at for at, _ in producers.accepted if at > promoted) - promoted
    figure(
        PART,
        "PostgreSQL host without power for 5 s: accepting again after the standby's promotion",
        f"{after:.1f} s",
    )
    assert after < 5
    _more(producers)
    _all_arrive(producers, receiver)
    figure(PART, "the same: longest time without an accepted event", _s(producers, since))


def test_nothing_was_lost_and_hardly_anything_repeated(
    producers: Producers, receiver: Receiver
) -> None:
    producers.stop()
    _all_arrive(producers, receiver)
    arrived = Counter(request.header("webhook-id") for request in receiver.requests)
    repeated = sum(arrived.values()) - len(arrived)
    figure(PART, "events accepted", f"{len(producers.accepted):,}")
    figure(PART, "lost", str(len(producers.accepted) - len(arrived)))
    figure(PART, "requests repeated", f"{repeated} ({100 * repeated / len(arrived):.2f} %)")
    statuses = Counter(status for _, status in producers.answers)
    figure(
        PART,
        "answers",
        ", ".join(f"{n:,} of {s or 'no host'}" for s, n in sorted(statuses.items())),
    )
    assert set(statuses) <= {0, 202, 503}
    assert repeated < 0.01 * len(arrived)


def _settled(producers: Producers) -> float:
    _more(producers)
    return time.monotonic()


def _more(producers: Producers) -> None:
    number = len(producers.accepted) + 100
    eventually(lambda: len(producers.accepted) >= number, 60)


def _all_arrive(producers: Producers, receiver: Receiver) -> None:
    expected = len(producers.accepted)
    arrived = lambda: len({r.header("webhook-id") for r in receiver.requests})  # noqa: E731
    eventually(lambda: arrived() >= expected, 90)


def _s(producers: Producers, since: float) -> str:
    return f"{producers.silence(since):.1f} s"
