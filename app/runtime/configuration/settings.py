"""Read the settings from the environment, and reject invalid ones with a clear message."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from app.domain.accounts.oidc import DEFAULT_ROLE, OidcSettings, parse_domains, parse_roles
from app.domain.accounts.permissions import ROLES
from app.domain.accounts.quotas import BOUNDS, Quotas
from app.domain.addresses.private import PrivateTarget
from app.domain.addresses.proxies import Proxy
from app.runtime.configuration.environment import ConfigError, Reader
from app.runtime.configuration.names import with_files
from app.runtime.configuration.otlp import OtlpSettings, parse_headers, parse_ratio
from app.runtime.configuration.redis_url import redis_ports, redis_url

__all__ = ["KEY_FILE", "ConfigError", "Settings", "load_settings"]

# In DATA_DIR: the secret key of an installation that sets none.
KEY_FILE = "secret_key"


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
    audit_retention_days: int
    smtp_url: str | None
    api_rate_limit: int
    dns_servers: tuple[str, ...]
    # None: requests go out directly.
    delivery_proxy: Proxy | None
    max_in_flight: int
    metrics_port: int
    trusted_proxies: int
    # None: people sign in with passwords only.
    oidc: OidcSettings | None
    password_sign_in: bool
    quotas: Quotas
    request_header_seconds: int
    request_body_seconds: int
    log_format: str
    log_level: str
    # None: no traces.
    otlp: OtlpSettings | None

    @property
    def private_networks_text(self) -> str:
        """What ALLOWED_PRIVATE_NETWORKS permits, for messages; empty if nothing."""
        return ", ".join(map(str, self.allowed_private_networks))

    @property
    def backend_ports(self) -> frozenset[int]:
        """TCP ports of Redis, of its sentinels and of the database, which no webhook may call. The
        guard adds that of the master which the sentinels name."""
        database = urlsplit(self.database_url)
        ports = {database.port or 5432} if database.scheme == "postgresql+psycopg" else set()
        return redis_ports(self.redis_url) | ports

    @property
    def listening_url(self) -> str:
        """Where this machine's web processes listen, as a browser on it can open it."""
        return f"http://{_host_in_url(self.host)}:{self.port}"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def write_lock_path(self) -> Path:
        """The file whose flock serializes the writers of an SQLite database."""
        return self.data_dir / "write.lock"


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `environ`, and the secret key that `script/server` stored if there is none in
    it. ConfigError for the first invalid variable."""
    environ = _with_stored_key(with_files(environ))
    read, data_dir = Reader(environ), _data_dir(environ)
    host, port = environ.get("HOST", "127.0.0.1"), read.integer("PORT", 8000, 1, 65535)
    max_event = read.integer("MAX_EVENT_BYTES", 1 << 20, 1024, 64 << 20)
    return Settings(
        database_url=_database_url(environ.get("DATABASE_URL", ""), data_dir),
        redis_url=_redis_url(environ, data_dir),
        data_dir=data_dir,
        secret_key=read.secret("SECRET_KEY"),
        secret_key_previous=read.previous_secrets("SECRET_KEY_PREVIOUS"),
        platform_api_key=read.platform_key("PLATFORM_API_KEY"),
        allowed_private_networks=read.private_targets("ALLOWED_PRIVATE_NETWORKS"),
        host=host,
        port=port,
        public_url=read.url("PUBLIC_URL", f"http://{_host_in_url(host)}:{port}"),
        web_workers=read.integer("WEB_WORKERS", 1, 0, 64),
        delivery_workers=read.integer("DELIVERY_WORKERS", 1, 0, 64),
        max_event_bytes=max_event,
        max_batch_bytes=read.integer("MAX_BATCH_BYTES", 16 << 20, max_event, 256 << 20),
        retention_days=read.integer("RETENTION_DAYS", 30, 1, 3650),
        audit_retention_days=read.integer("AUDIT_RETENTION_DAYS", 400, 1, 3650),
        smtp_url=read.mail_server("SMTP_URL"),
        api_rate_limit=read.integer("API_RATE_LIMIT", 2000, 100, 1_000_000),
        dns_servers=read.words("DNS_SERVERS"),
        delivery_proxy=read.proxy("DELIVERY_PROXY"),
        max_in_flight=read.integer("MAX_IN_FLIGHT", 1000, 1, 4000),
        metrics_port=read.integer("METRICS_PORT", 0, 0, 65_535),
        trusted_proxies=read.integer("TRUSTED_PROXIES", 0, 0, 8),
        oidc=_oidc(read),
        password_sign_in=_password_sign_in(read),
        quotas=_quotas(read),
        request_header_seconds=read.integer("REQUEST_HEADER_SECONDS", 10, 1, 3600),
        request_body_seconds=read.integer("REQUEST_BODY_SECONDS", 30, 1, 3600),
        log_format=read.choice("LOG_FORMAT", ("text", "json"), "text"),
        log_level=read.choice("LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        otlp=_otlp(read),
    )


def _data_dir(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("DATA_DIR", "data")).resolve()


def _with_stored_key(environ: Mapping[str, str]) -> Mapping[str, str]:
    stored = _data_dir(environ) / KEY_FILE
    if "SECRET_KEY" in environ or not stored.exists():
        return environ
    return {**environ, "SECRET_KEY": stored.read_text().strip()}


def _quotas(read: Reader) -> Quotas:
    return Quotas(
        webhooks=read.integer("MAX_WEBHOOKS", 10_000, 1, BOUNDS["webhooks"]),
        deliveries_per_event=read.integer(
            "MAX_DELIVERIES_PER_EVENT", 1_000, 1, BOUNDS["deliveries_per_event"]
        ),
        requests_per_host=read.integer(
            "MAX_REQUESTS_PER_HOST", 100, 1, BOUNDS["requests_per_host"]
        ),
    )


def _otlp(read: Reader) -> OtlpSettings | None:
    if not read.text("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    headers = "a comma-separated list such as authorization=Bearer%20..."
    return OtlpSettings(
        endpoint=read.url("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        headers=read.parsed_words("OTEL_EXPORTER_OTLP_HEADERS", parse_headers, headers),
        service_name=read.text("OTEL_SERVICE_NAME", "callboard"),
        ratio=read.parsed("OTEL_TRACES_SAMPLER_ARG", parse_ratio, "a number from 0 to 1", 1.0),
    )


def _oidc(read: Reader) -> OidcSettings | None:
    issuer = read.text("OIDC_ISSUER")
    if not issuer:
        return None
    if not _is_trustworthy(issuer):
        raise ConfigError(f"OIDC_ISSUER must be an https URL, not {issuer!r}.")
    domains = "a comma-separated list such as example.com or example.com=<organization ID>"
    roles = "a comma-separated list such as admins=owner,staff=member,ops=platform"
    oidc = OidcSettings(
        issuer=issuer,
        client_id=read.required("OIDC_CLIENT_ID", because="OIDC_ISSUER"),
        client_secret=read.required("OIDC_CLIENT_SECRET", because="OIDC_ISSUER"),
        name=read.text("OIDC_NAME", "SSO"),
        scopes=tuple(read.text("OIDC_SCOPES", "openid email profile").split()),
        domains=read.parsed_words("OIDC_EMAIL_DOMAINS", parse_domains, domains),
        default_role=read.choice("OIDC_DEFAULT_ROLE", tuple(ROLES), DEFAULT_ROLE),
        role_claim=read.text("OIDC_ROLE_CLAIM"),
        roles=read.parsed_words("OIDC_ROLES", parse_roles, roles),
    )
    if bool(oidc.role_claim) != bool(oidc.roles):
        raise ConfigError("OIDC_ROLE_CLAIM and OIDC_ROLES must be set together.")
    if oidc.sets_organization_roles and not any(oidc.domains.values()):
        raise ConfigError(
            "OIDC_ROLES sets roles in an organization: OIDC_EMAIL_DOMAINS must name it, such as"
            " example.com=<organization ID>."
        )
    return oidc


def _password_sign_in(read: Reader) -> bool:
    is_on = read.choice("PASSWORD_SIGN_IN", ("on", "off"), "on") == "on"
    if not is_on and not read.text("OIDC_ISSUER"):
        raise ConfigError("PASSWORD_SIGN_IN=off needs OIDC_ISSUER: nobody could sign in.")
    return is_on


def _is_trustworthy(issuer: str) -> bool:
    """Whether what the issuer says arrives unchanged: over https, or without any network."""
    parts = urlsplit(issuer)
    is_own_machine = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return parts.scheme == "https" or (parts.scheme == "http" and is_own_machine)


def _redis_url(environ: Mapping[str, str], data_dir: Path) -> str:
    files = {
        "REDIS_CA_FILE": environ.get("REDIS_CA_FILE", ""),
        "REDIS_CERT_FILE": environ.get("REDIS_CERT_FILE", ""),
        "REDIS_KEY_FILE": environ.get("REDIS_KEY_FILE", ""),
    }
    return redis_url(environ.get("REDIS_URL", ""), data_dir, files)


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
