"""Parameters of REDIS_URL are checked at start, and named."""

from pathlib import Path

import pytest
import redis
from redis.connection import parse_url

from app.runtime.configuration.environment import ConfigError
from app.runtime.configuration.redis_url import redis_url


def _refusal(url: str, directory: Path) -> str:
    with pytest.raises(ConfigError) as error:
        redis_url(url, directory, {})
    return str(error.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("redis://host?socket_timout=1", "parameter socket_timout. Did you mean socket_timeout?"),
        ("redis://host/0?colour=red", "parameter colour. There are: client_name, db, health_check"),
        ("unix:///run/redis.sock?socket", "unknown parameter socket."),
        ("rediss://host?ssl_ca_cert=/ca.pem", "Did you mean ssl_ca_certs?"),
        ("redis://host?decode_responses=true", "unknown parameter decode_responses."),
        ("redis://host?sentinel_password=x", "unknown parameter sentinel_password."),
        ("redis+sentinel://one/main?sentinel_pasword=x", "Did you mean sentinel_password?"),
        ("redis+sentinel://one/main?db=1", "unknown parameter db."),
        ("redis://host?ssl_cert_reqs=none", "ssl_cert_reqs is for TLS. Begin the URL with rediss:"),
        ("unix:///run/redis.sock?ssl_cert_reqs=none", "ssl_cert_reqs is for TLS."),
        ("redis+sentinel://one/main?ssl_cert_reqs=none", "ssl_cert_reqs is for TLS."),
        ("rediss://host?ssl_cert_reqs=no", "ssl_cert_reqs has a wrong value: use none, optional"),
        ("redis://host?socket_timeout=long", "socket_timeout has a wrong value: use a number of"),
        ("redis://host?db=one", "db has a wrong value: use a whole number."),
        ("redis://host?socket_keepalive=always", "wrong value: use true or false."),
        ("redis+sentinel://one/main?protocol=x", "protocol has a wrong value: use 2 or 3."),
        ("redis://host?client_name=", "client_name has a wrong value."),
        ("redis://host?socket_timeout=0.0", "wrong value: use a number of seconds"),
        ("unix:///run/redis.sock?socket_keepalive=true", "unknown parameter socket_keepalive."),
        ("rediss://host?ssl_include_verify_flags=x", "ssl_include_verify_flags has a wrong value"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(tmp_path: Path, url: str, text: str) -> None:
    refusal = _refusal(url, tmp_path)
    assert refusal.startswith("REDIS_URL")
    assert text in refusal


def test_what_may_be_a_part_of_a_password_is_not_shown(tmp_path: Path) -> None:
    refusal = _refusal("redis://user:1?secret@host:6379/0", tmp_path)
    assert "secret" not in refusal
    assert "Percent-encode special characters of passwords." in refusal


def test_a_database_is_a_number(tmp_path: Path) -> None:
    assert "redis://user:password@host:6379/0" in _refusal("redis://host/zero", tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        (
            "redis://host/3?socket_timeout=0.5&socket_connect_timeout=1&health_check_interval=5"
            "&max_connections=7&protocol=3&client_name=web&retry_on_timeout=no&socket_keepalive=True"
        ),
        "redis://host?db=1&username=me&password=a%2Fb&socket_read_size=4096",
        (
            "rediss://host?ssl_cert_reqs=none&ssl_check_hostname=false&ssl_min_version=771"
            "&ssl_ciphers=HIGH&ssl_ca_path=/etc&ssl_password=x&ssl_ca_data=-----BEGIN%0A"
        ),
        "unix:///run/redis.sock?db=2",
    ],
)
def test_the_client_takes_every_parameter_that_is_accepted(tmp_path: Path, url: str) -> None:
    assert redis_url(url, tmp_path, {}) == url
    connection_class = parse_url(url).get("connection_class", redis.Connection)  # type: ignore[no-untyped-call]
    with redis.Redis.from_url(url) as client:
        connection = client.connection_pool.make_connection()
    assert isinstance(connection, connection_class)
