"""Read the settings from the environment, and reject invalid ones with a clear message."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlsplit

from app.domain.addresses.private import PrivateTarget, parse_targets
from app.domain.notifications.mail_server import parse_mail_server

MIN_SECRET_LENGTH = 32

T = TypeVar("T")


class ConfigError(Exception):
    """A setting is missing or invalid; the text names it and says what is valid."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per row of the README's table of settings. Sizes are in bytes."""

    database_url: str
    redis_url: str
    data_dir: Path
    secret_key: str
    secret_key_previous: tuple[str, ...]
    platform_api_key: str | None
    allowed_private_networks: tuple[PrivateTarget, ...]
    host: str
    port: int
    public_url: str
    web_workers: int
    delivery_workers: int
    max_event_bytes: int
    max_batch_bytes: int
    retention_days: int
    smtp_url: str | None
    api_rate_limit: int
    dns_servers: tuple[str, ...]
    max_in_flight: int
    trusted_proxies: int

    @property
    def private_networks_text(self) -> str:
        """What ALLOWED_PRIVATE_NETWORKS permits, for messages; empty if nothing."""
        return ", ".join(map(str, self.allowed_private_networks))

    @property
    def backend_ports(self) -> frozenset[int]:
        """TCP ports of Redis and of the database, which no webhook may call."""
        ports = {"redis": 6379, "rediss": 6379, "postgresql+psycopg": 5432}
        urls = [urlsplit(url) for url in (self.redis_url, self.database_url)]
        return frozenset(url.port or ports[url.scheme] for url in urls if url.scheme in ports)

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def write_lock_path(self) -> Path:
        """The file whose flock serializes the writers of an SQLite database."""
        return self.data_dir / "write.lock"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `environ`. ConfigError for the first invalid variable."""
    read = _Reader(environ)
    data_dir = Path(environ.get("DATA_DIR", "data")).resolve()
    host, port = environ.get("HOST", "127.0.0.1"), read.integer("PORT", 8000, 1, 65535)
    max_event = read.integer("MAX_EVENT_BYTES", 1 << 20, 1024, 64 << 20)
    return Settings(
        database_url=_database_url(environ.get("DATABASE_URL", ""), data_dir),
        redis_url=environ.get("REDIS_URL")
        or f"unix://{quote(str(data_dir / 'redis' / 'redis.sock'))}",
        data_dir=data_dir,
        secret_key=read.secret("SECRET_KEY"),
        secret_key_previous=read.previous_secrets("SECRET_KEY_PREVIOUS"),
        platform_api_key=read.platform_key("PLATFORM_API_KEY"),
        allowed_private_networks=read.private_targets("ALLOWED_PRIVATE_NETWORKS"),
        host=host,
        port=port,
        public_url=read.url("PUBLIC_URL", f"http://{_host_in_url(host)}:{port}"),
        web_workers=read.integer("WEB_WORKERS", 1, 1, 64),
        delivery_workers=read.integer("DELIVERY_WORKERS", 1, 1, 64),
        max_event_bytes=max_event,
        max_batch_bytes=read.integer("MAX_BATCH_BYTES", 16 << 20, max_event, 256 << 20),
        retention_days=read.integer("RETENTION_DAYS", 30, 1, 3650),
        smtp_url=read.mail_server("SMTP_URL"),
        api_rate_limit=read.integer("API_RATE_LIMIT", 2000, 100, 1_000_000),
        dns_servers=read.words("DNS_SERVERS"),
        max_in_flight=read.integer("MAX_IN_FLIGHT", 1000, 1, 4000),
        trusted_proxies=read.integer("TRUSTED_PROXIES", 0, 0, 8),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    environ: Mapping[str, str]

    def _parse(self, name: str, parse: Callable[[str], T], expected: str) -> T:
        try:
            return parse(self.environ[name].strip())
        except ValueError as error:
            raise ConfigError(f"{name} must be {expected}, not {self.environ[name]!r}.") from error

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        if name not in self.environ:
            return default
        expected = f"a whole number from {low} to {high}"
        value = self._parse(name, int, expected)
        if not low <= value <= high:
            raise ConfigError(f"{name} must be {expected}, not {value}.")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A comma-separated list; set but empty means none."""
        parts = (part.strip() for part in self.environ.get(name, "").split(","))
        return tuple(part for part in parts if part)

    def private_targets(self, name: str) -> tuple[PrivateTarget, ...]:
        expected = "a comma-separated list such as 10.0.0.0/8,127.0.0.1:9000"
        return self._parse(name, parse_targets, expected) if name in self.environ else ()

    def secret(self, name: str) -> str:
        value = self.environ.get(name, "")
        if not _is_long_enough(value):
            raise ConfigError(
                f"{name} must be set to at least {MIN_SECRET_LENGTH} random characters, for"
                ' example from: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value

    def previous_secrets(self, name: str) -> tuple[str, ...]:
        keys = self.words(name)
        if not all(map(_is_long_enough, keys)):
            raise ConfigError(
                f"{name} must list former values of SECRET_KEY, separated by commas: each at least"
                f" {MIN_SECRET_LENGTH} random characters."
            )
        return keys

    def platform_key(self, name: str) -> str | None:
        value = self.environ.get(name) or None
        if value is not None and (len(value) < 16 or not value.isascii() or " " in value):
            raise ConfigError(f"{name} must have at least 16 ASCII characters and no spaces.")
        if value is not None and len(set(value)) < 8:
            raise ConfigError(f"{name} is too easy to guess. Use at least 8 different characters.")
        return value

    def mail_server(self, name: str) -> str | None:
        value = self.environ.get(name) or None
        if value is not None:
            try:
                parse_mail_server(value)
            except ValueError as error:
                # Without the value, which holds a password.
                raise ConfigError(
                    f"{name} must look like smtp://user:password@host:587: {error}."
                ) from None
        return value

    def url(self, name: str, default: str) -> str:
        value = (self.environ.get(name) or default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{name} must be an http or https URL, not {value!r}.")
        return value


def _is_long_enough(secret: str) -> bool:
    return len(secret) >= MIN_SECRET_LENGTH and len(set(secret)) >= 8


def _database_url(url: str, data_dir: Path) -> str:
    """The URL for SQLAlchemy, always with psycopg as the driver for PostgreSQL."""
    if not url:
        return f"sqlite:///{quote(str(data_dir / 'callboard.db'))}"
    scheme, separator, rest = url.partition("://")
    if separator and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite":
        return url
    raise ConfigError("DATABASE_URL must start with sqlite:// or postgresql://.")


def _host_in_url(host: str) -> str:
    """A host that a browser on this machine can open if we listen on `host`."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
