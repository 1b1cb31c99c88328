"""Complete the environment: data directory, secret key, the counters' directory."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.runtime.configuration.names import misspelled, with_files
from app.runtime.configuration.settings import KEY_FILE, ConfigError, Settings, load_settings
from app.runtime.files import create_private_directory, write_private
from app.supervisor.errors import CannotStart
from app.supervisor.output import say, use_json

_MEMORY = "/dev/shm"  # noqa: S108 -- a new directory in it that only its owner can read


def prepare(environ: Mapping[str, str]) -> tuple[dict[str, str], Settings]:
    """The environment for Callboard's processes, and the settings in it.

    CannotStart if a setting is invalid or the data directory is not writable.
    """
    # Also for the sentence that says why nothing starts.
    use_json(is_json=environ.get("LOG_FORMAT", "").strip() == "json")
    try:
        environ = with_files(environ)
    except ConfigError as error:
        raise CannotStart(str(error)) from error
    for variable, name in misspelled(environ):
        say(f"{variable} is set, but is no setting. Did you mean {name}?")
    data_dir = Path(environ.get("DATA_DIR", "data")).resolve()
    environ["DATA_DIR"] = str(data_dir)
    environ["PYTHONUNBUFFERED"] = "1"
    try:
        create_private_directory(data_dir)
        if "SECRET_KEY" not in environ:
            environ["SECRET_KEY"] = _stored_secret(data_dir / KEY_FILE)
        settings = load_settings(environ)
        if settings.web_workers:
            # The web's /metrics covers the workers too: nothing is counted twice.
            environ.pop("METRICS_PORT", None)
        elif not settings.delivery_workers:
            raise ConfigError("WEB_WORKERS and DELIVERY_WORKERS are both 0: nothing would run.")
    except ConfigError as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"DATA_DIR {data_dir} is not writable: {error.strerror}.") from error
    return environ, settings


@contextmanager
def shared_counters(environ: dict[str, str]) -> Iterator[None]:
    """A directory in which all processes count during one start, unless one is set.

    In memory where possible: counters are mapped files, and a process that writes to one on a full
    disk is killed by SIGBUS.
    """
    if environ.get("PROMETHEUS_MULTIPROC_DIR"):
        yield
        return
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(
        prefix=f"callboard-metrics-{os.getpid()}-", dir=memory, ignore_cleanup_errors=True
    ) as directory:
        environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        yield


def _stored_secret(file: Path) -> str:
    """The installation's secret key, generated on the first start. If it is lost, the secrets in
    the database cannot be decrypted."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(48))
    return file.read_text().strip()
