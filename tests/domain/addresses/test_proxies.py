"""The setting DELIVERY_PROXY."""

import pytest

from app.domain.addresses.proxies import parse_proxy


@pytest.mark.parametrize(
    ("text", "url", "shown", "login"),
    [
        ("http://p:3128", "http://p:3128", "http://p:3128", ("", "")),
        ("https://p:443/", "https://p:443", "https://p:443", ("", "")),
        ("socks5://u@[::1]:1080", "socks5://[::1]:1080", "socks5://u:***@[::1]:1080", ("u", "")),
        ("http://u:p%2Fw@p:1", "http://p:1", "http://u:***@p:1", ("u", "p/w")),
    ],
)
def test_a_url_is_read_and_shown_without_its_password(
    text: str, url: str, shown: str, login: tuple[str, str]
) -> None:
    proxy = parse_proxy(text)
    assert (proxy.url, str(proxy), (proxy.username, proxy.password)) == (url, shown, login)
    assert "p/w" not in repr(proxy)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("proxy:3128", "it must start with"),
        ("socks4://p:1", "it must start with"),
        ("socks5h://p:1", "use socks5"),
        ("http://:3128", "host is missing"),
        ("http://p", "port is missing"),
        ("http://u:s3cret/x@p:1", "written %2F"),
        ("http://p:1/path", "nothing may follow"),
        ("http://:s3cret@p:1", "needs a user name"),
        ("http://a%3Ab:s3cret@p:1", "colon"),
        ("http://u:s3cret%0A@p:1", "at most 255"),
        (f"socks5://u:{'s3cret' * 50}@p:1", "at most 255"),
    ],
)
def test_an_invalid_url_is_refused_without_its_password(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_proxy(text)
    assert "s3cret" not in str(caught.value)
