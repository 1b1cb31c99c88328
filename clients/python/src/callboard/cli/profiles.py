"""Where a person's URLs and API keys are stored: a file of mode 600, keys in the system's keyring
where there is one."""

import base64
import contextlib
import json
import os
import secrets as randomness
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from callboard.errors import CallboardError

SERVICE = "callboard"
DEFAULT = "default"


@dataclass(slots=True)
class Profile:
    """key: None when the keyring has it."""

    url: str
    key: str | None = None
    organization: str | None = None


@dataclass(slots=True)
class Profiles:
    current: str = DEFAULT
    by_name: dict[str, Profile] = field(default_factory=dict)


def config_path() -> Path:
    directory = os.environ.get("CALLBOARD_CONFIG_DIR") or click.get_app_dir("callboard")
    return Path(directory) / "profiles.json"


def load() -> Profiles:
    """Empty without a file. CallboardError: the file cannot be read."""
    path = config_path()
    try:
        document = json.loads(path.read_bytes())
        by_name = {name: Profile(**fields) for name, fields in document["profiles"].items()}
        return Profiles(document["current"], by_name)
    except FileNotFoundError:
        return Profiles()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CallboardError(f"{path} cannot be read ({error}). Delete it and log in.") from error


def save(profiles: Profiles) -> None:
    """Replace the file in one step; nobody else can read it."""
    by_name = {name: asdict(profile) for name, profile in profiles.by_name.items()}
    _write_private(config_path(), {"current": profiles.current, "profiles": by_name})


def _write_private(path: Path, document: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp gives mode 600.
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=".profiles-")
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(document, file, indent=2)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def listen_secret(url: str) -> str:
    """The secret that signs what this machine's listeners get from a server: a receiver keeps it in
    its settings, so it stays the same. The file is readable for its owner only."""
    path = config_path().with_name("listen-secrets.json")
    try:
        secrets_by_url: dict[str, str] = dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        secrets_by_url = {}
    except (OSError, ValueError, TypeError) as error:
        raise CallboardError(f"{path} cannot be read ({error}). Delete it.") from error
    if url not in secrets_by_url:
        random = base64.b64encode(randomness.token_bytes(32)).decode()
        secrets_by_url[url] = f"whsec_{random}"
        _write_private(path, secrets_by_url)
    return secrets_by_url[url]


def key_of(name: str, profile: Profile) -> str:
    """CallboardError: neither the file nor the keyring has it."""
    key = profile.key or _keyring_get(name)
    if not key:
        raise CallboardError(
            f"The key of profile {name} is not in the keyring any more. Run: callboard login"
        )
    return key


def store_key(name: str, profile: Profile, key: str, *, use_keyring: bool = True) -> bool:
    """Whether the keyring has it now; else the profile has."""
    is_in_keyring = use_keyring and _keyring_set(name, key)
    profile.key = None if is_in_keyring else key
    return is_in_keyring


def forget_key(name: str) -> None:
    keyring = _keyring()
    if keyring is not None:
        # There was none, or the keyring is locked: nothing can be done about either.
        with contextlib.suppress(keyring.errors.KeyringError):
            keyring.delete_password(SERVICE, name)


def _keyring() -> Any:
    """The module, if it is installed and has a place to store anything."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    # Backends that store nothing have no priority above 0.
    return keyring if keyring.get_keyring().priority > 0 else None


def _keyring_set(name: str, key: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, name, key)
    except keyring.errors.KeyringError:
        return False
    return _keyring_get(name) == key


def _keyring_get(name: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        key: str | None = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError:
        return None
    return key
