"""Complete the environment: data directory, secret key, metrics directory."""

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from app.runtime.settings import ConfigError, Settings, load_settings
from app.supervisor.errors import CannotStart
from app.supervisor.files import write_private


def prepare(environ: Mapping[str, str]) -> tuple[dict[str, str], Settings]:
    """The environment for Callboard's processes, and the settings in it.

    CannotStart if a setting is invalid or the data directory is not writable.
    """
    environ = dict(environ)
    data_dir = Path(environ.get("DATA_DIR", "data")).resolve()
    environ["DATA_DIR"] = str(data_dir)
    environ["PYTHONUNBUFFERED"] = "1"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # An existing directory may have been created with a wider mode.
        if data_dir.stat().st_mode & 0o077 and data_dir.stat().st_uid == os.getuid():
            data_dir.chmod(0o700)
        if "SECRET_KEY" not in environ:
            environ["SECRET_KEY"] = _stored_secret(data_dir / "secret_key")
        settings = load_settings(environ)
        if settings.web_workers > 1:
            environ.setdefault("PROMETHEUS_MULTIPROC_DIR", _metrics_directory(data_dir / "metrics"))
    except ConfigError as error:
        raise CannotStart(str(error)) from error
    except OSError as error:
        raise CannotStart(f"DATA_DIR {data_dir} is not writable: {error.strerror}.") from error
    return environ, settings


def _metrics_directory(directory: Path) -> str:
    """Shared by the web processes for their counters, which start at zero with each start."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)
    return str(directory)


def _stored_secret(file: Path) -> str:
    """The installation's secret key, generated on the first start. If it is lost, the secrets in
    the database cannot be decrypted."""
    if not file.exists():
        write_private(file, secrets.token_urlsafe(48))
    return file.read_text().strip()
