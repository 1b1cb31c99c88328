"""The names of all settings; settings from files; variables that look like a misspelled setting."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.runtime.configuration.environment import ConfigError

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "REDIS_CA_FILE",
    "REDIS_CERT_FILE",
    "REDIS_KEY_FILE",
    "DATA_DIR",
    "SECRET_KEY",
    "SECRET_KEY_PREVIOUS",
    "PLATFORM_API_KEY",
    "ALLOWED_PRIVATE_NETWORKS",
    "HOST",
    "PORT",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "WEB_WORKERS",
    "DELIVERY_WORKERS",
    "MAX_EVENT_BYTES",
    "MAX_BATCH_BYTES",
    "RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
    "SMTP_URL",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_NAME",
    "OIDC_SCOPES",
    "OIDC_EMAIL_DOMAINS",
    "OIDC_DEFAULT_ROLE",
    "OIDC_ROLE_CLAIM",
    "OIDC_ROLES",
    "PASSWORD_SIGN_IN",
    "API_RATE_LIMIT",
    "MAX_IN_FLIGHT",
    "METRICS_PORT",
    "MAX_WEBHOOKS",
    "MAX_DELIVERIES_PER_EVENT",
    "MAX_REQUESTS_PER_HOST",
    "DNS_SERVERS",
    "DELIVERY_PROXY",
    "REQUEST_HEADER_SECONDS",
    "REQUEST_BODY_SECONDS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER_ARG",
)
# Secrets and URLs are short; another file was meant if it is longer.
MAX_FILE_BYTES = 65_536
# Shorter names have too many neighbours that mean something else, such as HOSTS.
_MIN_LETTERS = 6


def with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which each NAME_FILE is replaced by NAME with the file's text, without
    line breaks at its end. ConfigError."""
    complete = dict(environ)
    for name in NAMES:
        file = f"{name}_FILE"
        if file in NAMES or not environ.get(file):
            continue
        if name in environ:
            raise ConfigError(f"{name} and {file} are both set; unset one of them.")
        complete[name] = _text_of(file, Path(environ[file]))
        del complete[file]
    return complete


def _text_of(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{variable}: cannot read {path}: {error.strerror}.") from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(f"{variable}: {path} has more than {MAX_FILE_BYTES} bytes.")
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{variable}: {path} is not UTF-8 text.") from None


def misspelled(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Variables that differ from a setting's name in one letter, with that name."""
    known = {*NAMES, *(f"{name}_FILE" for name in NAMES)}
    for variable in sorted(environ.keys() - known):
        for name in sorted(known):
            if len(name) >= _MIN_LETTERS and name not in environ and _is_near(variable, name):
                yield variable, name


def _is_near(a: str, b: str) -> bool:
    """Whether one letter was replaced, left out or added, or two were swapped."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    is_swapped = a[start : start + 2] == b[start : start + 2][::-1]
    return a[start + 1 :] == b[start + 1 :] or (is_swapped and a[start + 2 :] == b[start + 2 :])
