from typing import Any

import pytest

from app.domain.accounts.networks import check_networks, is_inside, parse_networks
from app.domain.common.errors import Invalid


def test_addresses_become_networks_and_repeats_are_dropped() -> None:
    networks = ["203.0.113.7", "203.0.113.7/32", " 2001:DB8::/32 ", "0.0.0.0/0"]
    assert check_networks(networks) == ["203.0.113.7/32", "2001:db8::/32", "0.0.0.0/0"]
    assert check_networks(None) is None


@pytest.mark.parametrize(
    "value",
    [
        *([], "203.0.113.0/24", {}, 5, ["203.0.113.0/24"] * 51, [None], [5], [""], ["x" * 10_000]),
        *(["203.0.113.1/24"], ["203.0.113.0/33"], ["2001:db8::1/32"], ["fe80::1%eth0"], ["1"]),
        *(["example.com"], ["10.0.0.0/255.0.0.0/8"], ["\ud800"]),
    ],
)
def test_anything_else_is_invalid(value: Any) -> None:
    with pytest.raises(Invalid):
        check_networks(value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.255", True),
        ("::ffff:203.0.113.7", True),
        ("203.0.114.0", False),
        ("2001:db8:ffff::1", True),
        ("2001:db9::", False),
        ("", False),
        (None, False),
        ("unix", False),
    ],
)
def test_an_address_is_inside_or_not(address: str | None, *, expected: bool) -> None:
    networks = parse_networks(["203.0.113.0/24", "2001:db8::/32"])
    assert is_inside(address, networks) is expected
