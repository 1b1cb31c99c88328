"""The guard's decisions. tests/domain covers the address ranges."""

import ipaddress

import pytest

from app.domain.addresses.private import parse_targets
from app.sending.addresses.guard import MAX_CACHED, Guard


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", True),
        ("10.2.0.1", False),
        ("::ffff:93.184.216.34", False),
        ("fe80::1%eth0", False),
        ("", False),
        ("no address", False),
    ],
)
def test_an_address_is_allowed_if_public_or_listed(address: str, *, is_allowed: bool) -> None:
    guard = Guard(parse_targets("10.1.0.0/16"))
    assert guard.allowed(address) is is_allowed
    assert guard.allowed(address) is is_allowed


def test_an_exempt_url_may_go_to_any_address() -> None:
    guard = Guard((), exempt=lambda url: url == "http://own/")
    assert guard.allowed("127.0.0.1", "http://own/")
    assert not guard.allowed("127.0.0.1", "http://own/other")
    assert not guard.allowed("127.0.0.1")


def test_the_cache_of_decisions_is_bounded() -> None:
    guard = Guard()
    for number in range(MAX_CACHED + 10):
        guard.allowed(ipaddress.ip_address(0x01000000 + number))
    assert len(guard._decisions) <= MAX_CACHED


def test_a_target_with_a_port_allows_only_that_port() -> None:
    guard = Guard(parse_targets("127.0.0.1:9000"))
    assert guard.allowed("127.0.0.1", port=9000)
    assert not guard.allowed("127.0.0.1", port=6379)


def test_our_own_port_is_refused_on_this_machine_even_if_loopback_is_allowed() -> None:
    guard = Guard(parse_targets("127.0.0.0/8,10.0.0.0/8"), own_port=8000)
    assert not guard.allowed("127.0.0.1", port=8000)
    assert not guard.allowed("127.0.0.2", port=8000)
    assert guard.allowed("127.0.0.1", port=8001)
    assert guard.allowed("10.99.99.99", port=8000)


def test_a_port_of_redis_that_becomes_known_later_is_refused_from_then_on() -> None:
    guard = Guard(parse_targets("10.0.0.0/8"), backend_ports={6379})
    assert guard.allowed("10.0.0.1", port=6390)
    guard.refuse_port(6390)
    assert not guard.allowed("10.0.0.1", port=6390)
    assert not guard.allowed("10.0.0.1", port=6379)


def test_our_own_port_stays_open_for_test_inboxes() -> None:
    url = "http://127.0.0.1:8000/catch/token"
    guard = Guard(own_port=8000, exempt=lambda asked: asked == url)
    assert guard.allowed("127.0.0.1", url, 8000)


def test_ports_of_redis_and_the_database_are_refused_on_private_addresses() -> None:
    guard = Guard(parse_targets("10.0.0.0/8"), backend_ports={6379, 5432})
    assert not guard.allowed("10.0.0.7", port=6379)
    assert guard.allowed("10.0.0.7", port=443)
    assert guard.allowed("8.8.8.8", port=6379)
