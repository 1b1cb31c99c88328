import ipaddress

import pytest

from app.domain.addresses.private import parse_targets
from app.domain.addresses.ranges import METADATA, refusal


@pytest.mark.parametrize(
    ("text", "address", "port", "is_covered"),
    [
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "10.1.2.3", None, True),
        ("127.0.0.1:9000", "127.0.0.1", 9000, True),
        ("127.0.0.1:9000", "127.0.0.1", 9001, False),
        ("127.0.0.1:9000", "127.0.0.1", None, False),
        ("127.0.0.1:9000", "127.0.0.2", 9000, False),
        ("[::1]:9000", "::1", 9000, True),
        ("::1/128, 10.0.0.1", "10.0.0.1", 1, True),
        ("", "127.0.0.1", 9000, False),
    ],
)
def test_a_target_matches_its_addresses_on_its_port(
    text: str, address: str, port: int | None, *, is_covered: bool
) -> None:
    target = ipaddress.ip_address(address)
    assert (refusal(target, parse_targets(text), port) is None) is is_covered


@pytest.mark.parametrize("text", ["127.0.0.1:0", "127.0.0.1:65536", "host:80", "10.0.0.1/8", "x"])
def test_an_invalid_target_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_targets(text)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "127.0.0.1:9000", "[::1]:9000"])
def test_a_target_is_formatted_as_it_was_written(text: str) -> None:
    assert [str(target) for target in parse_targets(text)] == [text]


@pytest.mark.parametrize("address", sorted(METADATA, key=str), ids=str)
def test_metadata_addresses_are_blocked_even_in_an_allowed_network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert refusal(address, parse_targets("0.0.0.0/0,::/0"), 80) is not None
