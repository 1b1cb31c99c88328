"""Names are looked up without one waiting for another, and only good addresses are called."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import Guard
from app.sending.dns import resolver
from app.sending.http.client import HttpClient
from tests.support.name_server import NameServer
from tests.support.raw_receiver import Connection, RawReceiver
from tests.support.sending import collect, post, send

Raw = Callable[..., RawReceiver]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def answer(connection: Connection) -> None:
    while connection.read_request():
        connection.send(OK)


def test_a_name_is_looked_up_once_and_its_time_told(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    name_server.names["good.test"] = ["127.0.0.1"]
    url = f"http://good.test:{raw(answer).port}/"
    first, second = send(http_client, url), send(http_client, url)
    assert (first.cause, second.cause) == ("ok", "ok")
    assert 0 < (first.dns_us or 0) < first.total_us
    assert second.dns_us is None
    assert name_server.asked.count("good.test") == 2  # one for IPv4, one for IPv6


def test_those_who_wait_for_one_name_share_a_look_up(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    name_server.names["good.test"] = ["127.0.0.1"]
    url = f"http://good.test:{raw(answer).port}/"
    for tag in range(30):
        http_client.start(post(url), timeout=5, tag=tag, quota=str(tag % 3))
    assert {outcome.cause for outcome in collect(http_client).values()} == {"ok"}
    assert name_server.asked.count("good.test") == 2


@pytest.mark.parametrize(
    ("name", "cause", "word"),
    [
        ("missing.test", "dns", "host not found"),
        ("empty.test", "dns", "no A or AAAA record"),
        ("broken.test", "dns", "returned an error"),
    ],
)
def test_a_name_that_leads_nowhere_has_its_cause(
    name: str, cause: str, word: str, http_client: HttpClient, name_server: NameServer
) -> None:
    name_server.names["empty.test"] = []
    name_server.broken.add("broken.test")
    outcome = send(http_client, f"http://{name}/")
    assert outcome.cause == cause
    assert word in outcome.detail
    assert outcome.dns_us is not None
    assert outcome.request_head.startswith(b"POST / HTTP/1.1\r\nHost: " + name.encode())


def test_a_second_address_is_tried_where_the_first_does_not_answer(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    receiver = raw(answer, address="127.0.0.3")
    with socket.socket() as full:
        full.bind(("127.0.0.2", receiver.port))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        name_server.names["two.test"] = ["127.0.0.2", "127.0.0.3"]
        outcome = send(http_client, f"http://two.test:{receiver.port}/")
        for one in waiting:
            one.close()
    assert (outcome.cause, outcome.remote_address) == ("ok", "127.0.0.3")


def test_an_ipv6_address_in_the_url_or_of_a_name_is_called(
    http_client: HttpClient, name_server: NameServer, raw: Raw
) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        name_server.names["six.test"] = ["::1"]
        http_client.start(post(f"http://six.test:{port}/"), timeout=0.2, tag=1)
        http_client.start(post(f"http://[::1]:{port}/"), timeout=0.2, tag=2)
        outcomes = collect(http_client)
    assert {outcome.remote_address for outcome in outcomes.values()} == {"::1"}


@pytest.mark.parametrize("host", ["localhost", "any.localhost", "127.0.0.1"])
def test_loopback_needs_no_look_up(
    host: str, http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    outcome = send(http_client, f"http://{host}:{raw(answer).port}/")
    assert (outcome.cause, outcome.dns_us) == ("ok", None)
    assert name_server.asked == []


def test_the_hosts_file_is_honoured(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    lines = [line.split() for line in Path("/etc/hosts").read_text().splitlines()]
    own = [words[1:] for words in lines if words[:1] == ["127.0.0.1"]]
    names = [name for group in own for name in group if not name.startswith("localhost")]
    if not names:
        pytest.skip("this machine's hosts file has no name for 127.0.0.1 but localhost")
    outcome = send(http_client, f"http://{names[0]}:{raw(answer).port}/")
    assert (outcome.cause, name_server.asked) == ("ok", [])


def test_names_without_an_answer_do_not_hold_up_others(
    http_client: HttpClient, raw: Raw, name_server: NameServer
) -> None:
    port = raw(answer).port
    dead = [f"dead{number}.test" for number in range(80)]
    live = [f"live{number}.test" for number in range(50)]
    name_server.silent.update(dead)
    name_server.names.update({name: ["127.0.0.1"] for name in live})
    for name in dead:
        http_client.start(post(f"http://{name}:{port}/"), timeout=30, tag=name, quota="one")
    http_client.poll(0)
    began = time.monotonic()
    for name in live:
        http_client.start(post(f"http://{name}:{port}/"), timeout=30, tag=name, quota="one")
    finished: dict[object, str] = {}
    while len(finished) < len(live):
        finished.update({tag: outcome.cause for tag, outcome in http_client.poll(5)})
    assert finished == dict.fromkeys(live, "ok")
    assert time.monotonic() - began < 1


def test_more_look_ups_than_a_lane_may_have_wait_in_that_lane_only(
    http_client: HttpClient, raw: Raw, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "LOOKUPS_PER_QUOTA", 5)
    port = raw(answer).port
    name_server.silent.update(f"dead{number}.test" for number in range(20))
    name_server.names["late.test"] = name_server.names["other.test"] = ["127.0.0.1"]
    for number in range(20):
        url = f"http://dead{number}.test:{port}/"
        http_client.start(post(url), timeout=0.5, tag=number, quota="flood")
    http_client.start(post(f"http://late.test:{port}/"), timeout=0.5, tag="late", quota="flood")
    http_client.start(post(f"http://other.test:{port}/"), timeout=0.5, tag="other", quota="calm")
    [(tag, outcome)] = http_client.poll(0.4)
    assert (tag, outcome.cause) == ("other", "ok")
    assert len({name for name in name_server.asked if name.startswith("dead")}) == 5
    assert {one.cause for one in collect(http_client).values()} == {"timeout_dns"}


def test_a_lane_s_queue_goes_on_as_look_ups_end(
    http_client: HttpClient, raw: Raw, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "LOOKUPS_PER_QUOTA", 3)
    port = raw(answer).port
    for number in range(200):
        if number % 2:
            name_server.names[f"n{number}.test"] = ["127.0.0.1"]
        url = f"http://n{number}.test:{port}/"
        http_client.start(post(url), timeout=10, tag=number, quota="one")
    outcomes = collect(http_client)
    assert {tag for tag, one in outcomes.items() if one.cause == "ok"} == set(range(1, 200, 2))
    assert {one.cause for one in outcomes.values()} == {"ok", "dns"}


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
    with socket.create_server(("127.0.0.4", first.port)):
        name_server.names["moving.test"] = ["127.0.0.4"]
        # c-ares keeps the answer for its time to live; a wire of its own asks anew.
        fresh = HttpClient(Guard(parse_targets("127.0.0.0/8")), dns_servers=_of(name_server))
        assert send(fresh, url, timeout=0.2).remote_address == "127.0.0.4"
        fresh.close()


def _of(name_server: NameServer) -> tuple[str, ...]:
    return (name_server.address,)


def test_when_the_system_s_name_servers_change_what_is_under_way_is_asked_again(
    http_client: HttpClient,
    raw: Raw,
    name_server: NameServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That its file changed is all that is told here: the servers stay the test's own."""
    conf = tmp_path / "resolv.conf"
    monkeypatch.setattr(resolver, "RESOLV_CONF", conf)
    monkeypatch.setattr(resolver, "CONF_CHECK_SECONDS", 0.0)
    port = raw(answer).port
    name_server.silent.add("first.test")
    http_client.start(post(f"http://first.test:{port}/"), timeout=10, tag="first")
    http_client.poll(0.05)
    name_server.silent.clear()
    name_server.names["first.test"] = name_server.names["second.test"] = ["127.0.0.1"]
    conf.write_text("nameserver 127.0.0.1\n")
    http_client.start(post(f"http://second.test:{port}/"), timeout=10, tag="second")
    began = time.monotonic()
    assert {one.cause for one in collect(http_client).values()} == {"ok"}
    assert time.monotonic() - began < 1
