"""REDIS_URL with sentinels."""

from pathlib import Path

import pytest

from app.runtime.configuration.environment import ConfigError
from app.runtime.configuration.redis_url import redis_ports, redis_url
from app.runtime.configuration.sentinel_url import parse_sentinel_url

MINIMAL = "redis+sentinel://one/callboard"
COMPLETE = (
    "rediss+sentinel://me:p%2Fw@one:26380,[::1],10.0.0.1:1/callboard/3"
    "?sentinel_username=you&sentinel_password=a%2Fb+c&ssl_check_hostname=false&client_name=x"
)


def test_what_is_left_out_has_defaults() -> None:
    url = parse_sentinel_url(MINIMAL)
    assert (url.sentinels, url.service) == (("redis://one:26379",), "callboard")
    assert (url.server, url.is_tls) == ("redis:///0", False)


def test_sentinels_have_credentials_of_their_own_and_the_parameters_of_tls() -> None:
    url = parse_sentinel_url(COMPLETE)
    assert url.sentinels == tuple(
        f"rediss://you:a%2Fb%20c@{address}?ssl_check_hostname=false"
        for address in ("one:26380", "[::1]:26379", "10.0.0.1:1")
    )
    assert url.server == "rediss://me:p%2Fw@/3?ssl_check_hostname=false&client_name=x"
    assert url.is_tls


def test_neither_password_is_in_the_representation() -> None:
    text = repr(parse_sentinel_url(COMPLETE))
    assert "p%2Fw" not in text
    assert "a%2Fb" not in text


def test_ports_of_sentinels_and_the_usual_one_of_redis_are_known() -> None:
    assert redis_ports(COMPLETE) == {26380, 26379, 1, 6379}
    assert redis_ports("rediss://cache:6390") == {6390}
    assert redis_ports("redis://cache") == {6379}
    assert redis_ports("unix:///run/redis.sock") == frozenset()


def test_a_right_url_is_unchanged_and_takes_files(tmp_path: Path) -> None:
    assert redis_url(COMPLETE, tmp_path, {}) == COMPLETE
    file = tmp_path / "ca.pem"
    file.write_text("certificate")
    url = redis_url(COMPLETE, tmp_path, {"REDIS_CA_FILE": str(file)})
    parsed = parse_sentinel_url(url)
    assert all(each.endswith("ca.pem") for each in (*parsed.sentinels, parsed.server))
    assert parsed.sentinels[0].startswith("rediss://you:a%2Fb%20c@one:26380?")


def test_files_need_tls(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"begins with rediss:// or rediss\+sentinel://"):
        redis_url(MINIMAL, tmp_path, {"REDIS_CA_FILE": "ca.pem"})


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://",
        "redis+sentinel://one",
        "redis+sentinel://one/",
        "redis+sentinel:///callboard",
        "redis+sentinel://one,/callboard",
        "redis+sentinel://one:port/callboard",
        "redis+sentinel://one:0/callboard",
        "redis+sentinel://one:70000/callboard",
        "redis+sentinel://one two/callboard/0",
        "redis+sentinel://one/callboard/zero",
        "redis+sentinel://one/callboard/0/1",
        "redis+sentinel://one/call%20board",
        "redis+sentinel://me:a/b@one/callboard",
        "redis+sentinel://me:a#b@one/callboard",
        "redis+sentinel://one/callboard?sentinel_username=x",
    ],
)
def test_a_wrong_url_is_refused_with_the_right_form(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as error:
        redis_url(url, tmp_path, {})
    assert "like redis+sentinel://host1:26379,host2:26379/service/0" in str(error.value)
    assert "me:a" not in str(error.value)
