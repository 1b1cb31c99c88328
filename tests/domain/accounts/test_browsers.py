import pytest

from app.domain.accounts.browsers import browser_digest, network

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("unix", ""),
        (None, ""),
    ],
)
def test_an_address_belongs_to_a_network(address: str | None, expected: str) -> None:
    assert network(address) == expected


def test_an_update_or_a_neighbouring_address_is_the_same_browser() -> None:
    known = browser_digest(FIREFOX.format(140), "192.0.2.7")
    assert browser_digest(FIREFOX.format(141), "192.0.2.200") == known


@pytest.mark.parametrize(
    ("agent", "address"), [("curl/8.0", "192.0.2.7"), (FIREFOX.format(140), "198.51.100.7")]
)
def test_another_browser_or_network_is_new(agent: str, address: str) -> None:
    assert browser_digest(agent, address) != browser_digest(FIREFOX.format(140), "192.0.2.7")
