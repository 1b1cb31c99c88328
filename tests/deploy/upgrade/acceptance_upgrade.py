"""Two web machines behind nginx, upgraded one after the other from the first release under load."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from bench.checkouts import HERE, Checkout, checked_out
from tests.deploy.tools import cluster
from tests.deploy.tools.cluster import PORT, WEBS, WORKERS, is_ready, url_of
from tests.deploy.tools.figures import figure, not_run
from tests.deploy.tools.hosts import NETWORK, Host, network
from tests.deploy.tools.producers import Producers
from tests.deploy.tools.proxies import proxy
from tests.support.product import PLATFORM_KEY
from tests.support.servers.receiver import Receiver
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]
PART, FIRST_RELEASE = "Upgrade of two machines", "94c1d3b"


class Site:
    """All hosts, which producers reach through nginx; `replace` one host's processes."""

    def __init__(self, directory: Path, hosts: dict[str, Host]) -> None:
        self.directory, self.hosts = directory, hosts
        self.url = ""
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, release: Checkout) -> None:
        if name in WORKERS:
            arguments, settings = ("worker.py",), {}
        else:
            arguments = ("-m", "app.supervisor")
            settings = {"WEB_WORKERS": "1", "TRUSTED_PROXIES": "1", "PUBLIC_URL": self.url}
        self._running[name] = cluster.start(
            self.hosts, name, *arguments, release=release, **settings
        )
        if name in WEBS:
            eventually(lambda: is_ready(url_of(self.hosts[name])), 120)

    def migrate(self) -> None:
        """The new release's migration, on the first web machine, beside what runs there."""
        started = cluster.start(self.hosts, WEBS[0], "-m", "app.cli", "migrate")
        assert started.wait(120) == 0, self.hosts[WEBS[0]].log.read_text()

    def upgrade(self, name: str) -> None:
        if name in WEBS:
            self._route(name, "down")
        self._running[name].terminate()
        self._running[name].wait(60)
        self.start(name, HERE)
        if name in WEBS:
            self._route(name, "")

    def _route(self, name: str, state: str) -> None:
        """Change a web machine's line in nginx's file, and reload; returns when it is in force."""
        file, server = self.directory / "callboard.conf", f"{self.hosts[name].address}:{PORT}"
        text = file.read_text().replace(f"server {server} down;", f"server {server};")
        file.write_text(text.replace(f"server {server};", f"server {server} {state};"))
        nginx = psutil.Process(int((self.directory / "nginx.pid").read_text()))
        before = set(nginx.children())
        nginx.send_signal(signal.SIGHUP)
        # The workers that sent requests to the machine end with the last of these requests.
        eventually(lambda: _are_replaced(before, set(nginx.children())), 60)


def _are_replaced(before: set[psutil.Process], now: set[psutil.Process]) -> bool:
    return bool(now) and not before & now


@pytest.fixture(scope="module")
def first_release() -> Iterator[Checkout]:
    if os.geteuid() != 0:
        not_run(PART, "network namespaces need root")
        pytest.skip("needs root")
    known = subprocess.run(["git", "cat-file", "-e", FIRST_RELEASE], cwd=HERE.root, check=False)
    if known.returncode:
        not_run(PART, f"this clone has no commit {FIRST_RELEASE}")
        pytest.skip(f"needs commit {FIRST_RELEASE}")
    with checked_out(FIRST_RELEASE) as checkout:
        yield checkout


@pytest.fixture(scope="module")
def site(first_release: Checkout) -> Iterator[Site]:
    """The first release on two web machines and three workers, behind nginx."""
    directory = Path(tempfile.mkdtemp(prefix="cb-upgrade-"))
    directory.chmod(0o755)
    names = ("db1", "db2", "cache1", "cache2", *WEBS, *WORKERS)
    try:
        with network(directory, *names) as hosts:
            cluster.start_postgres(hosts["db1"], hosts["db2"])
            cluster.start_redis(hosts["cache1"], hosts["cache2"])
            site = Site(directory, hosts)
            servers = ";\n    server ".join(f"{hosts[name].address}:{PORT}" for name in WEBS)
            with proxy("nginx", servers, directory) as site.url:
                for name in (*WEBS, *WORKERS):
                    site.start(name, first_release)
                yield site
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def receiver(site: Site) -> Iterator[Receiver]:
    running = Receiver(f"{NETWORK}.1")
    yield running
    running.close()


@pytest.fixture
def producers(
    site: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Producers]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(site.directory / "authority.pem"))
    headers = {"Authorization": f"Bearer {PLATFORM_KEY}"}
    for path, body in (("organizations", {"name": "Site"}), ("webhooks", {"url": receiver.url})):
        added = requests.post(f"{site.url}/api/v1/{path}", json=body, headers=headers, timeout=30)
        assert added.ok, added.text
        headers.setdefault("Callboard-Organization", added.json()["id"])
    running = Producers([site.url], headers["Callboard-Organization"], seconds=60).start()
    yield running
    running.stop()


def test_two_machines_are_upgraded_in_turn_without_a_refused_or_lost_event(
    site: Site, producers: Producers, receiver: Receiver
) -> None:
    _go_on(producers, receiver)
    since, said = time.monotonic(), len(_nginx_log(site))
    site.migrate()
    # The first release goes on with the new schema.
    _go_on(producers, receiver)
    for name in (*WEBS, *WORKERS):
        site.upgrade(name)
        _go_on(producers, receiver)
    seconds = time.monotonic() - since
    producers.stop()
    _all_arrive(producers, receiver)
    arrived = Counter(request.header("webhook-id") for request in receiver.requests)
    statuses = Counter(status for _, status in producers.answers)
    resent = _nginx_log(site)[said:].count("while connecting to upstream")
    figure(PART, f"from {FIRST_RELEASE}, migration to last worker", f"{seconds:.0f} s")
    figure(PART, "requests", f"{len(producers.answers):,}")
    figure(PART, "refused, failed or without an answer", str(statuses.total() - statuses[202]))
    figure(PART, "requests that nginx sent to the other machine", str(resent))
    figure(PART, "longest time without an accepted event", f"{producers.silence(since):.1f} s")
    figure(PART, "events accepted", f"{len(producers.accepted):,}")
    figure(PART, "lost", str(len(producers.accepted) - len(arrived)))
    figure(PART, "requests to the receiver repeated", str(arrived.total() - len(arrived)))
    assert set(statuses) == {202}, statuses
    assert len(arrived) == len(producers.accepted)
    assert arrived.total() - len(arrived) < 0.01 * len(arrived)


def _nginx_log(site: Site) -> str:
    return (site.directory / "nginx.log").read_text(errors="replace")


def _go_on(producers: Producers, receiver: Receiver) -> None:
    """The next hundred events are accepted and delivered."""
    number = len(producers.accepted) + 100
    eventually(lambda: len(producers.accepted) >= number, 60)
    _all_arrive(producers, receiver)


def _all_arrive(producers: Producers, receiver: Receiver) -> None:
    """What is accepted now has been sent; later events may be among what arrived."""
    expected = len(producers.accepted)
    arrived = lambda: len({r.header("webhook-id") for r in receiver.requests})  # noqa: E731
    eventually(lambda: arrived() >= expected, 90)
