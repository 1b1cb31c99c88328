from ipaddress import ip_address

import pytest

from app.domain.addresses.private import parse_targets
from app.domain.addresses.ranges import REFUSED
from app.domain.addresses.urls import check_resolved, check_url, refusal
from app.domain.common.errors import Invalid

REFUSED_ADDRESSES = [
    # The special-purpose table of IPv4, the first and the last address of each row.
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255"),
    *("100.64.0.0", "100.127.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255"),
    *("169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255"),
    *("192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255"),
    *("192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255"),
    *("198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255"),
    *("224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255"),
    "168.63.129.16",
    # Outside of 2000::/3.
    *("::", "::1", "1fff::1", "4000::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1"),
    *("ff02::1", "100::1", "5f00::1", "fe80::1%eth0"),
    # Inside, but special.
    *("2001::", "2001:1ff:ffff::", "2001:db8::1", "2001:db8:ffff::1", "3fff::1", "3fff:fff::1"),
    # IPv4 in IPv6: mapped, compatible, translated (RFC 2765, 6052, 8215), 6to4, Teredo, ISATAP.
    *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8", "::ffff:0:10.0.0.1"),
    *("64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1", "2002:7f00:1::1"),
    *("2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    *("2400:cb00::5efe:10.0.0.1", "2400:cb00::200:5efe:169.254.169.254"),
]
ALLOWED_ADDRESSES = [
    *("1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
    *("172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255"),
    *("192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0"),
    *("203.0.112.255", "203.0.114.0", "223.255.255.255", "168.63.129.15", "168.63.129.17"),
    *("2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2001:4860:4860::8888"),
    *("2003::1", "2606:4700:4700::1111", "3ffe::1", "3fff:1000::1", "2400:cb00::5efe:8.8.8.8"),
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_every_private_address_is_blocked_with_the_same_message(address):
    assert refusal(ip_address(address)) == REFUSED


@pytest.mark.parametrize("address", ALLOWED_ADDRESSES)
def test_a_public_address_is_allowed(address):
    assert refusal(ip_address(address)) is None


@pytest.mark.parametrize(
    ("address", "allowed", "passes"),
    [
        ("127.0.0.1", ["127.0.0.0/8"], True),
        ("127.0.0.1", ["10.0.0.0/8", "127.0.0.1/32"], True),
        ("10.0.0.1", ["127.0.0.0/8"], False),
        ("::1", ["::1/128"], True),
        ("::1", ["127.0.0.0/8"], False),
        ("fd12::1", ["fd00::/8", "127.0.0.0/8"], True),
        # An IPv4 address inside an IPv6 one must be allowed by itself as well.
        ("::ffff:127.0.0.1", ["127.0.0.0/8"], False),
        ("::ffff:127.0.0.1", ["::/0"], False),
        ("::ffff:169.254.169.254", ["::/0", "127.0.0.0/8"], False),
        ("::ffff:127.0.0.1", ["::ffff:0:0/96", "127.0.0.0/8"], True),
        ("64:ff9b::8.8.8.8", ["64:ff9b::/96"], True),
        ("64:ff9b::10.0.0.1", ["64:ff9b::/96"], False),
        ("2002:a00:1::1", ["2002::/16"], False),
    ],
)
def test_allowed_private_networks_may_be_called(address, allowed, passes):
    targets = parse_targets(",".join(allowed))
    assert (refusal(ip_address(address), targets) is None) is passes


@pytest.mark.parametrize(
    ("value", "url", "host", "port"),
    [
        ("https://example.com", "https://example.com", "example.com", 443),
        ("http://example.com/a?b=c", "http://example.com/a?b=c", "example.com", 80),
        ("HTTPS://Example.COM/Hook", "https://example.com/Hook", "example.com", 443),
        ("http://example.com:8080?x", "http://example.com:8080?x", "example.com", 8080),
        ("https://example.com:443/", "https://example.com:443/", "example.com", 443),
        ("http://example.com:65535", "http://example.com:65535", "example.com", 65535),
        ("https://example.com./x", "https://example.com/x", "example.com", 443),
        ("https://bücher.example/ü?ö", None, "xn--bcher-kva.example", 443),
        ("https://faß.example", "https://xn--fa-hia.example", "xn--fa-hia.example", 443),
        ("https://xn--bcher-kva.example", None, "xn--bcher-kva.example", 443),
        ("https://ｅｘａｍｐｌｅ。com", "https://example.com", "example.com", 443),
        ("https://my_hook.example.com", None, "my_hook.example.com", 443),
        ("https://r3---sn-a--b.example.com", None, "r3---sn-a--b.example.com", 443),
        ("https://example.com/%0d%0A?a=%00&b=%zz", None, "example.com", 443),
        ("https://example.com/a@b:c?d=http://[::1]/", None, "example.com", 443),
        ("https://example.com/x?a=b#c", "https://example.com/x?a=b", "example.com", 443),
        ("https://1.example.com", None, "1.example.com", 443),
        ("https://0x7f.example", None, "0x7f.example", 443),
        ("https://example.1a", None, "example.1a", 443),
        ("https://intranet/x", None, "intranet", 443),
    ],
)
def test_a_url_is_normalized_as_it_will_be_requested(value, url, host, port):
    checked = check_url(value)
    assert (checked.host, checked.port, checked.literal) == (host, port, None)
    assert checked.url.isascii()
    if url is not None:
        assert checked.url == url


def test_a_url_is_unchanged_except_for_characters_that_http_cannot_carry():
    value = "https://example.com/%7Ea/{b}/|?c=%41&d=ü'\"<>`^"
    assert check_url(value).url == value.replace("ü", "%C3%BC")


@pytest.mark.parametrize(
    ("value", "host", "literal"),
    [
        ("http://192.0.2.1:9000/x", "192.0.2.1", "192.0.2.1"),
        ("http://192.0.2.1./x", "192.0.2.1", "192.0.2.1"),
        ("http://[2606:4700:0:0::1111]/", "2606:4700::1111", "2606:4700::1111"),
        ("http://[::FFFF:127.0.0.1]:80/", "::ffff:7f00:1", "::ffff:127.0.0.1"),
        ("http://localhost:9000", "localhost", "127.0.0.1"),
        ("http://LOCALHOST./", "localhost", "127.0.0.1"),
        ("http://a.b.localhost/", "a.b.localhost", "127.0.0.1"),
        ("http://lo\u00adcalhost/", "localhost", "127.0.0.1"),
        ("http://１２７。０．0.1/", "127.0.0.1", "127.0.0.1"),
    ],
)
def test_address_literals_and_localhost_names_are_recognized(value, host, literal):
    checked = check_url(value)
    assert checked.host == host
    assert checked.literal is not None
    assert ip_address(str(checked.literal)) == ip_address(literal)


def test_a_checked_url_is_not_parsed_again():
    checked = check_url("https://example.com/hook")
    assert check_url(checked) is checked


def test_an_ipv6_host_keeps_its_brackets():
    checked = check_url("http://[2606:4700:0::1]:8080/x")
    assert checked.url == "http://[2606:4700::1]:8080/x"
    assert checked.origin == "http://[2606:4700::1]:8080"
    assert check_url("https://Example.com:443/x").origin == "https://example.com"


DISGUISED = [
    *("http://2130706433/", "http://0/", "http://0x7f000001/", "http://0X7F.0.0.1/"),
    *("http://0177.0.0.1/", "http://127.1/", "http://127.0.1/", "http://017700000001/"),
    *("http://0x/", "http://a.0x1/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://a.1/"),
    *("http://127.0.0.01/", "http://１２７.1/", "http://127.0.0.0x1/", "http://4294967296/"),
]
UNFIT = [
    *("", " ", "example.com", "//example.com", "http:/example.com", "http:example.com"),
    *("http://", "http:///x", "http://?x", "http://#x", "http://:80/", "https://./"),
    # Other schemes.
    *("ftp://example.com", "file:///etc/passwd", "gopher://example.com", "javascript://x"),
    *("ws://example.com", "https+unix://x", "data:text/plain,x"),
    # User information.
    *("http://a@example.com", "http://a:b@example.com", "http://@example.com", "http://:@x.de"),
    *("http://example.com@127.0.0.1/", "http://example.com:80@127.0.0.1"),
    # Backslashes.
    *("http://example.com\\@127.0.0.1/", "http:\\\\example.com", "http://example.com/a\\b"),
    # White space and control characters, wherever they stand; nothing is stripped.
    *(
        " http://example.com",
        "http://example.com ",
        "http://example.com/a b",
        "http://exa mple.com",
    ),
    *("http://example.com/\r\nX: y", "http://example.com/\t", "http://example.com/\x00"),
    *("http://example.com/\x7f", "http://example.com/\x85", "http://example.com/\u2028"),
    *("http://example.com/\u00a0", "http://example.com/\ud800", "\ufeffhttp://example.com"),
    # A percent sign in the host.
    *("http://%31%32%37.0.0.1/", "http://example%2ecom/", "http://[fe80::1%25eth0]/"),
    *("http://[fe80::1%eth0]/",),
    # What is left after IDNA is not a name.
    *("http://exam!ple.com", "http://a..b/", "http://.a/", "http://a../"),
    *("http://℀.example", "http://ex\u2044ample.com", "http://a*b.c", "http://a,b", "http://a'b"),
    *("http://☃\u200d.example", f"http://{'a' * 64}.de", f"http://{'a.' * 127}de"),
    *("http://[::1", "http://::1]/", "http://[]/", "http://[::g]/", "http://[1.2.3.4]/"),
    *("http://[::1]x/", "http://x[::1]/", "http://2606:4700::1/"),
    # Ports.
    *("http://a.de:0", "http://a.de:65536", "http://a.de:", "http://a.de:80a", "http://a.de:-1"),
    *("http://a.de:+80", "http://a.de:٨٠", "http://a.de:080", "http://a.de:99999999999"),
    "http://a.de:80:80",
    # Length.
    "http://example.com/" + "a" * 2030,
    "http://example.com/" + "ü" * 700,
]


@pytest.mark.parametrize("value", [*DISGUISED, *UNFIT, None, 5, b"http://a.de", ["http://a.de"]])
def test_invalid_and_disguised_urls_are_rejected(value):
    with pytest.raises(Invalid) as caught:
        check_url(value, "callback")
    (error,) = caught.value.errors
    assert error.field == "callback"
    assert error.problem
    assert error.remedy


def test_a_url_may_have_2048_characters():
    longest = "http://example.com/".ljust(2048, "a")
    assert check_url(longest).url == longest


PRIVATE, PUBLIC = ip_address("10.0.0.1"), ip_address("8.8.8.8")


@pytest.mark.parametrize("addresses", [[], [PUBLIC], [PRIVATE, PUBLIC]])
def test_a_name_passes_if_one_of_its_addresses_is_allowed(addresses):
    check_resolved(addresses, lambda address: refusal(address) is None)


def test_a_name_with_only_blocked_addresses_is_rejected_without_revealing_them():
    with pytest.raises(Invalid) as caught:
        check_resolved([PRIVATE], lambda address: refusal(address) is None)
    assert caught.value.errors[0].problem == REFUSED
    assert "10." not in str(caught.value.errors)


@pytest.mark.parametrize(
    "host", ["-a.example", "a-.example", "a.-b.example", "b\u00fccher-.example"]
)
def test_a_label_that_begins_or_ends_with_a_hyphen_is_refused(host: str) -> None:
    with pytest.raises(Invalid, match="The host is not a valid name"):
        check_url(f"https://{host}/")
