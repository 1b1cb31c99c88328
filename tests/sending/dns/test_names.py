"""DNS lookups do not wait for one another, and only allowed addresses are called."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import Guard
from app.sending.dns import resolver
from app.sending.http.client import HttpClient
from tests.support.sending import collect, pass_time, post, send
from tests.support.servers.names import NameServer
from tests.support.servers.raw_receiver import Connection, RawReceiver

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def respond_ok(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_name_is_looked_up_once_and_the_lookup_timed(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    name_server.names["good.test"] = ["127.0.0.1"]
    url = f"http://good.test:{raw(respond_ok).port}/"
    first, second = send(http_client, url), send(http_client, url)
    assert (first.cause, second.cause) == ("ok", "ok")
    assert 0 < (first.dns_us or 0) < first.total_us
    assert second.dns_us is None
    assert name_server.queries.count("good.test") == 2  # one for IPv4, one for IPv6


def test_requests_to_one_name_share_a_lookup(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    name_server.names["good.test"] = ["127.0.0.1"]
    url = f"http://good.test:{raw(respond_ok).port}/"
    for tag in range(30):
        http_client.start(post(url), timeout=30, tag=tag, quota=str(tag % 3))
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    assert name_server.queries.count("good.test") == 2


@pytest.mark.parametrize(
    ("name", "cause", "detail"),
    [
        ("missing.test", "dns", "host not found"),
        ("empty.test", "dns", "no A or AAAA record"),
        ("broken.test", "dns", "returned an error"),
    ],
)
def test_a_failed_lookup_has_its_cause(
    name: str, cause: str, detail: str, http_client: HttpClient, name_server: NameServer
) -> None:
    name_server.names["empty.test"] = []
    name_server.broken.add("broken.test")
    outcome = send(http_client, f"http://{name}/")
    assert outcome.cause == cause
    assert detail in outcome.detail
    assert outcome.dns_us is not None
    assert outcome.request_head.startswith(b"POST / HTTP/1.1\r\nHost: " + name.encode())


def test_the_second_address_is_tried_when_the_first_does_not_respond(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    receiver = raw(respond_ok, address="127.0.0.3")
    with socket.socket() as full:
        full.bind(("127.0.0.2", receiver.port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for pending in waiting:
            pending.setblocking(False)
            pending.connect_ex(full.getsockname())
        name_server.names["two.test"] = ["127.0.0.2", "127.0.0.3"]
        outcome = send(http_client, f"http://two.test:{receiver.port}/")
        for pending in waiting:
            pending.close()
    assert (outcome.cause, outcome.remote_address) == ("ok", "127.0.0.3")


def test_ipv6_addresses_of_urls_and_names_are_called(
    http_client: HttpClient, name_server: NameServer, raw: Raw
) -> None:
    port = raw(respond_ok, address="::1").port
    name_server.names["six.test"] = ["::1"]
    http_client.start(post(f"http://six.test:{port}/"), timeout=30, tag=1)
    http_client.start(post(f"http://[::1]:{port}/"), timeout=30, tag=2)
    outcomes = collect(http_client)
    assert {outcome.remote_address for outcome in outcomes.values()} == {"::1"}


@pytest.mark.parametrize("host", ["localhost", "any.localhost", "127.0.0.1"])
def test_loopback_needs_no_lookup(
    host: str, http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    outcome = send(http_client, f"http://{host}:{raw(respond_ok).port}/")
    assert (outcome.cause, outcome.dns_us) == ("ok", None)
    assert name_server.queries == []


def test_the_hosts_file_is_honoured(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    entries = [entry.split() for entry in Path("/etc/hosts").read_text().splitlines()]
    loopback = [names for address, *names in filter(None, entries) if address == "127.0.0.1"]
    names = [name for group in loopback for name in group if not name.startswith("localhost")]
    if not names:
        pytest.skip("the hosts file names 127.0.0.1 only localhost")
    outcome = send(http_client, f"http://{names[0]}:{raw(respond_ok).port}/")
    assert (outcome.cause, name_server.queries) == ("ok", [])


def test_unresponsive_names_do_not_delay_others(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    port = raw(respond_ok).port
    dead = [f"dead{number}.test" for number in range(80)]
    live = [f"live{number}.test" for number in range(50)]
    name_server.silent.update(dead)
    name_server.names.update({name: ["127.0.0.1"] for name in live})
    for name in dead:
        http_client.start(post(f"http://{name}:{port}/"), timeout=30, tag=name, quota="one")
    http_client.poll(0)
    for name in live:
        http_client.start(post(f"http://{name}:{port}/"), timeout=30, tag=name, quota="one")
    finished: dict[object, str] = {}
    while len(finished) < len(live):
        finished.update({tag: outcome.cause for tag, outcome in http_client.poll(5)})
    assert finished == dict.fromkeys(live, "ok")
    assert http_client.in_flight == len(dead)


def test_lookups_above_a_quota_wait_without_delaying_other_quotas(
    http_client: HttpClient, raw: Raw, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "LOOKUPS_PER_QUOTA", 5)
    port = raw(respond_ok).port
    name_server.silent.update(f"dead{number}.test" for number in range(20))
    name_server.names["late.test"] = name_server.names["other.test"] = ["127.0.0.1"]
    for number in range(20):
        url = f"http://dead{number}.test:{port}/"
        http_client.start(post(url), timeout=30, tag=number, quota="busy")
    http_client.start(post(f"http://late.test:{port}/"), timeout=30, tag="late", quota="busy")
    http_client.start(post(f"http://other.test:{port}/"), timeout=30, tag="other", quota="other")
    [(tag, outcome)] = http_client.poll(30)
    assert (tag, outcome.cause) == ("other", "ok")
    assert len({name for name in name_server.queries if name.startswith("dead")}) == 5
    pass_time(http_client, 30)
    assert {outcome.cause for outcome in collect(http_client).values()} == {"timeout_dns"}


def test_queued_lookups_start_as_others_end(
    http_client: HttpClient, raw: Raw, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "LOOKUPS_PER_QUOTA", 3)
    port = raw(respond_ok).port
    for number in range(200):
        if number % 2:
            name_server.names[f"n{number}.test"] = ["127.0.0.1"]
        url = f"http://n{number}.test:{port}/"
        http_client.start(post(url), timeout=30, tag=number, quota="one")
    outcomes = collect(http_client)
    assert {tag for tag, outcome in outcomes.items() if outcome.cause == "ok"} == set(
        range(1, 200, 2)
    )
    assert {outcome.cause for outcome in outcomes.values()} == {"ok", "dns"}


def test_a_changed_address_is_followed(
    http_client: HttpClient, raw: Raw, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sending.dns.lookup.SHORTEST", 0.0)
    monkeypatch.setattr("app.sending.dns.lookup.LONGEST", 0.0)

    def once(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    first = raw(once, address="127.0.0.3")
    url = f"http://moving.test:{first.port}/"
    name_server.names["moving.test"] = ["127.0.0.3"]
    assert send(http_client, url).remote_address == "127.0.0.3"
    raw(once, address="127.0.0.4", port=first.port)
    name_server.names["moving.test"] = ["127.0.0.4"]
    # c-ares caches the result for its time to live; a new client looks the name up again.
    fresh = HttpClient(Guard(parse_targets("127.0.0.0/8")), dns_servers=(name_server.address,))
    assert send(fresh, url).remote_address == "127.0.0.4"
    fresh.close()


def test_running_lookups_are_repeated_when_the_name_servers_change(
    guard: Guard,
    raw: Raw,
    name_server: NameServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the change of the file matters here: the servers stay those of the test."""
    conf = tmp_path / "resolv.conf"
    monkeypatch.setattr(resolver, "RESOLV_CONF", conf)
    monkeypatch.setattr(resolver, "CONF_CHECK_SECONDS", 0.0)
    # c-ares itself would not ask again within the time of the test.
    monkeypatch.setattr(resolver, "FIRST_WAIT_SECONDS", 100.0)
    http_client = HttpClient(guard, dns_servers=(name_server.address,))
    port = raw(respond_ok).port
    name_server.silent.add("first.test")
    http_client.start(post(f"http://first.test:{port}/"), timeout=30, tag="first")
    while "first.test" not in name_server.queries:
        http_client.poll(0.01)
    name_server.silent.clear()
    name_server.names["first.test"] = name_server.names["second.test"] = ["127.0.0.1"]
    conf.write_text("nameserver 127.0.0.1\n")
    http_client.start(post(f"http://second.test:{port}/"), timeout=30, tag="second")
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    http_client.close()
