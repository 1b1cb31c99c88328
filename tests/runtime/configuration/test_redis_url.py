"""REDIS_URL and the files of TLS."""

from pathlib import Path

import pytest

from app.runtime.configuration.environment import ConfigError
from app.runtime.configuration.redis_url import redis_url

SECURE = "rediss://callboard:pass%2Fword@redis.internal:6379/0"


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "a file.pem"
    path.write_text("certificate")
    return str(path)


def test_files_become_parameters_and_the_rest_stays(tmp_path: Path, file: str) -> None:
    text = f"{SECURE}?health_check_interval=5"
    url = redis_url(text, tmp_path, {"REDIS_CA_FILE": file, "REDIS_KEY_FILE": ""})
    assert url.startswith(f"{SECURE}?health_check_interval=5&ssl_ca_certs=")
    assert url.endswith("a+file.pem")


def test_a_url_without_files_is_unchanged(tmp_path: Path) -> None:
    for url in (SECURE, "redis://127.0.0.1:6379/3", "unix:///run/redis.sock?db=1"):
        assert redis_url(url, tmp_path, {}) == url


def test_without_a_url_the_embedded_redis_is_used_with_its_password(tmp_path: Path) -> None:
    assert redis_url("", tmp_path, {}) == f"unix://{tmp_path}/redis/redis.sock"
    (tmp_path / "redis_password").write_text("generated\n")
    assert redis_url("", tmp_path, {}) == f"unix://:generated@{tmp_path}/redis/redis.sock"


@pytest.mark.parametrize(
    "url", ["http://redis", "redis://", "rediss:///0", "unix://", "redis://host:port", "redis"]
)
def test_a_wrong_url_is_refused_without_being_shown(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError) as error:
        redis_url(url, tmp_path, {})
    assert str(error.value).startswith("REDIS_URL must look like redis://user:password@")
    assert f"not {url}" not in str(error.value)


def test_files_need_tls(tmp_path: Path, file: str) -> None:
    for url in ("redis://host", ""):
        with pytest.raises(ConfigError, match="REDIS_CA_FILE needs a REDIS_URL that begins with"):
            redis_url(url, tmp_path, {"REDIS_CA_FILE": file})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    files = {"REDIS_CA_FILE": str(tmp_path / "none.pem")}
    with pytest.raises(ConfigError, match=r"REDIS_CA_FILE: .*none\.pem cannot be read: No such"):
        redis_url(SECURE, tmp_path, files)


def test_a_client_certificate_needs_its_key(tmp_path: Path, file: str) -> None:
    with pytest.raises(ConfigError, match="must be set together"):
        redis_url(SECURE, tmp_path, {"REDIS_CERT_FILE": file})
