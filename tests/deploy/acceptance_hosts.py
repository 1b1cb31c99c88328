"""Nine hosts: two webs, three workers, PostgreSQL and Redis with a standby; each kind fails."""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.hosts import NETWORK, Host, move, network
from tests.support.product import PLATFORM_KEY, SETTINGS
from tests.support.servers.postgres import programs
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).resolve().parents[2]
PART = "Several hosts"
WORKERS, WEBS = ("work1", "work2", "work3"), ("web1", "web2")
# Where Redis is, whichever host has it.
REDIS = f"{NETWORK}.100"
PORT, THREADS = 8000, 4
POSTGRES = {
    "listen_addresses": "*",
    "unix_socket_directories": "",
    # A commit is on both hosts before a producer has its answer.
    "synchronous_commit": "on",
    "wal_sender_timeout": "3s",
    "wal_receiver_timeout": "3s",
}


@dataclass(slots=True)
class Producers:
    """Post to one web after the other, each event until it is accepted: (monotonic, status)."""

    urls: list[str]
    organization_id: str
    answers: list[tuple[float, int]] = field(default_factory=list)
    accepted: list[tuple[float, str]] = field(default_factory=list)
    _is_stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> "Producers":
        self._threads = [
            threading.Thread(target=self._run, args=(number,)) for number in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        self._is_stopped.set()
        for thread in self._threads:
            thread.join()

    def silence(self, since: float) -> float:
        """The longest time without an accepted event, in seconds."""
        times = sorted(at for at, _ in self.accepted if at >= since)
        return max(after - before for before, after in pairwise(times))

    def _run(self, number: int) -> None:
        count = turn = 0
        while not self._is_stopped.is_set():
            count += 1
            event = {"id": f"e-{number}-{count}", "type": "a.b", "payload": {}}
            while self._post(self.urls[(number + turn) % len(self.urls)], event) != 202:
                if self._is_stopped.is_set():
                    return
                turn += 1
                time.sleep(0.05)
            self.accepted.append((time.monotonic(), event["id"]))
            time.sleep(0.02)

    def _post(self, url: str, event: dict[str, object]) -> int:
        headers = {
            "Authorization": f"Bearer {PLATFORM_KEY}",
            "Callboard-Organization": self.organization_id,
        }
        try:
            response = requests.post(f"{url}/api/v1/events", json=event, headers=headers, timeout=3)
            status = response.status_code
        except requests.RequestException:
            status = 0
        self.answers.append((time.monotonic(), status))
        return status


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
            _start_postgres(running["db1"], running["db2"])
            _start_redis(running["cache1"], running["cache2"])
            _start_callboard(running)
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
    urls = [_url(hosts[name]) for name in WEBS]
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}
    made = requests.post(
        f"{urls[0]}/api/v1/organizations", json={"name": "Hosts"}, headers=headers, timeout=10
    )
    headers["Callboard-Organization"] = organization_id = made.json()["id"]
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
    _start_web(hosts, "web1")
    eventually(lambda: _is_ready(_url(hosts["web1"])), 120)


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
    with psycopg.connect(_conninfo(hosts["db2"]), autocommit=True) as standby:
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


def _start_postgres(primary: Host, standby: Host) -> None:
    for host in (primary, standby):
        shutil.chown(host.directory, "pgserver", "pgserver")
    data = primary.directory / "data"
    primary.run(
        [
            str(programs() / "initdb"),
            "--auth=trust",
            "--encoding=utf8",
            "-U",
            "postgres",
            "-D",
            str(data),
        ],
        user="pgserver",
    )
    with (data / "pg_hba.conf").open("a") as file:
        file.write(f"host all,replication all {NETWORK}.0/24 trust\n")
    _run_postgres(primary, {"synchronous_standby_names": "*"})
    standby_data = str(standby.directory / "data")
    eventually(lambda: _connects(primary), 30)
    source = f"host={primary.address} user=postgres connect_timeout=2"
    standby.run(
        [str(programs() / "pg_basebackup"), "-d", source, "-D", standby_data, "-R", "-c", "fast"],
        user="pgserver",
    )
    _run_postgres(standby, {})
    eventually(lambda: _connects(standby), 30)


def _run_postgres(host: Host, settings: dict[str, str]) -> None:
    options = [part for item in (POSTGRES | settings).items() for part in ("-c", "=".join(item))]
    host.start(
        [str(programs() / "postgres"), "-D", str(host.directory / "data"), *options],
        user="pgserver",
    )


def _conninfo(host: Host) -> str:
    return f"host={host.address} user=postgres dbname=postgres connect_timeout=2"


def _connects(host: Host) -> bool:
    try:
        psycopg.connect(_conninfo(host)).close()
    except psycopg.OperationalError:
        return False
    return True


def _start_redis(primary: Host, standby: Host) -> None:
    move(REDIS, primary, [])
    common = ["redis-server", "--protected-mode", "no", "--save", ""]
    primary.start(common)
    standby.start([*common, "--replicaof", primary.address, "6379"])
    with redis.Redis(standby.address) as client:
        eventually(lambda: _is_linked(client), 30)


def _is_linked(client: "redis.Redis") -> bool:
    try:
        return client.info("replication").get("master_link_status") == "up"
    except redis.RedisError:
        return False


def _start_callboard(hosts: dict[str, Host]) -> None:
    for name in WEBS:
        _start_web(hosts, name)
        eventually(lambda name=name: _is_ready(_url(hosts[name])), 120)
    for name in WORKERS:
        _start(hosts, name, WEB_WORKERS="0", DELIVERY_WORKERS="1")


def _start_web(hosts: dict[str, Host], name: str) -> None:
    _start(hosts, name, WEB_WORKERS="1", DELIVERY_WORKERS="0")


def _start(hosts: dict[str, Host], name: str, **settings: str) -> None:
    host = hosts[name]
    environ = _environ(hosts) | {"DATA_DIR": str(host.directory / "data")} | settings
    host.start([sys.executable, "-m", "app.supervisor"], environ, cwd=ROOT)


def _environ(hosts: dict[str, Host]) -> dict[str, str]:
    base = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    databases = "&".join(f"host={hosts[name].address}:5432" for name in ("db1", "db2"))
    return base | {
        "HOST": "0.0.0.0",
        "PORT": str(PORT),
        "SECRET_KEY": "only-for-the-test-of-hosts-0123456789-abcdefgh",
        "PLATFORM_API_KEY": PLATFORM_KEY,
        "DATABASE_URL": f"postgresql://postgres@/postgres?{databases}"
        "&target_session_attrs=read-write",
        "REDIS_URL": f"redis://{REDIS}:6379/0",
        "ALLOWED_PRIVATE_NETWORKS": f"{NETWORK}.1/32",
    }


def _url(host: Host) -> str:
    return f"http://{host.address}:{PORT}"


def _is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=3).status_code == 200
    except requests.RequestException:
        return False
