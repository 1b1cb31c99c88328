"""The guard's answers; the ranges themselves are domain.addresses' matter."""

import ipaddress

import pytest

from app.sending.addresses.guard import MAX_REMEMBERED, Guard


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
def test_an_address_is_allowed_when_public_or_named(address: str, *, is_allowed: bool) -> None:
    guard = Guard([ipaddress.ip_network("10.1.0.0/16")])
    assert guard.allowed(address) is is_allowed
    assert guard.allowed(address) is is_allowed


def test_an_exempt_url_may_go_to_any_address() -> None:
    guard = Guard((), exempt=lambda url: url == "http://own/")
    assert guard.allowed("127.0.0.1", "http://own/")
    assert not guard.allowed("127.0.0.1", "http://own/other")
    assert not guard.allowed("127.0.0.1")


def test_a_guard_remembers_no_more_than_so_many_addresses() -> None:
    guard = Guard()
    for number in range(MAX_REMEMBERED + 10):
        guard.allowed(ipaddress.ip_address(0x01000000 + number))
    assert len(guard._known) <= MAX_REMEMBERED
