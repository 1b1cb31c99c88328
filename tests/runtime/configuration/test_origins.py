"""Which settings are in effect, and from where."""

from pathlib import Path

import pytest

from app.runtime.configuration.origins import origins
from app.runtime.configuration.settings import load_settings
from app.runtime.configuration.url_secrets import without_password

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"


def _rows(environ: dict[str, str]) -> dict[str, tuple[str, str]]:
    return {o.name: (o.value, o.source) for o in origins(load_settings(environ), environ)}


def test_each_setting_has_its_value_and_its_origin(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://callboard:data-base@db/callboard")
    rows = _rows(
        {
            "DATA_DIR": str(tmp_path),
            "SECRET_KEY": SECRET,
            "DATABASE_URL_FILE": str(tmp_path / "url"),
            "PORT": "8001",
            "MAX_WEBHOOKS": "5",
            "ALLOWED_PRIVATE_NETWORKS": "10.0.0.0/8,127.0.0.1:9000",
        }
    )
    assert rows["PORT"] == ("8001", "environment")
    assert rows["WEB_WORKERS"] == ("1", "default")
    assert rows["MAX_WEBHOOKS"] == ("5", "environment")
    assert rows["PASSWORD_SIGN_IN"] == ("on", "default")
    assert rows["ALLOWED_PRIVATE_NETWORKS"] == ("10.0.0.0/8,127.0.0.1:9000", "environment")
    url = "postgresql+psycopg://callboard:***@db/callboard"
    assert rows["DATABASE_URL"] == (url, f"file {tmp_path / 'url'}")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text(SECRET)
    environ = {
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY_PREVIOUS": SECRET[::-1],
        "PLATFORM_API_KEY": "platform-key-0123456789",
        "REDIS_URL": "redis://:redis-password@cache:6379/0",
        "SMTP_URL": "smtp://me:mail-password@mail:587?from=a@example.com",
        "DELIVERY_PROXY": "http://me:proxy-password@proxy:3128",
    }
    rows = _rows(environ)
    assert rows["SECRET_KEY"] == ("(set)", f"file {tmp_path / 'secret_key'}")
    text = str(rows)
    for secret in (SECRET, SECRET[::-1], "platform-key", "redis-password", "mail-password"):
        assert secret not in text
    assert rows["DELIVERY_PROXY"] == ("http://me:***@proxy:3128", "environment")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@cache:6379/1", "redis://:***@cache:6379/1"),
        (
            "rediss+sentinel://me:s%40cret@one:26379,[::1]:5/service/0?sentinel_password=secret",
            "rediss+sentinel://me:***@one:26379,[::1]:5/service/0?***",
        ),
        ("smtp://me@mail:587", "smtp://me@mail:587"),
        ("postgresql://db/x?password=secret", "postgresql://db/x?***"),
        ("sqlite:////var/lib/callboard.db", "sqlite:////var/lib/callboard.db"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_passwords_of_urls_are_hidden(url: str, shown: str) -> None:
    assert without_password(url) == shown
