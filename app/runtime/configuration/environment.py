"""Read single environment variables, and reject invalid values with a clear message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar
from urllib.parse import urlsplit

from app.domain.addresses.private import PrivateTarget, parse_targets
from app.domain.addresses.proxies import EXAMPLE, Proxy, parse_proxy
from app.domain.notifications.mail_server import parse_mail_server

MIN_SECRET_LENGTH = 32
_KEYBOARD = "1234567890qwertyuiopasdfghjklzxcvbnm"

T = TypeVar("T")


class ConfigError(Exception):
    """A setting is missing or invalid; the text names it and says what is valid."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Each method reads one variable, and raises ConfigError if it is invalid."""

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

    def parsed(self, name: str, parse: Callable[[str], T], expected: str, default: T) -> T:
        return self._parse(name, parse, expected) if self.text(name) else default

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
        if value is not None and (len(set(value)) < 8 or _is_sequence(value)):
            raise ConfigError(f"{name} is too easy to guess. Use random characters.")
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

    def proxy(self, name: str) -> Proxy | None:
        value = self.text(name)
        try:
            return parse_proxy(value) if value else None
        except ValueError as error:
            # Without the value, which holds a password.
            raise ConfigError(f"{name} must look like {EXAMPLE}: {error}.") from None

    def text(self, name: str, default: str = "") -> str:
        return self.environ.get(name, "").strip() or default

    def required(self, name: str, *, because: str) -> str:
        value = self.text(name)
        if not value:
            raise ConfigError(f"{name} must be set, because {because} is.")
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value

    def parsed_words(self, name: str, parse: Callable[[tuple[str, ...]], T], expected: str) -> T:
        try:
            return parse(self.words(name))
        except ValueError as error:
            raise ConfigError(f"{name} must be {expected}; wrong: {str(error)!r}.") from None

    def url(self, name: str, default: str) -> str:
        value = (self.environ.get(name) or default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{name} must be an http or https URL, not {value!r}.")
        return value


def _is_sequence(text: str) -> bool:
    """Whether it follows the alphabet, the digits or the rows of a keyboard, like 1234567890."""
    if text.lower() in _KEYBOARD * 2:
        return True
    return sum(abs(ord(a) - ord(b)) <= 1 for a, b in pairwise(text)) > len(text) / 2


def _is_long_enough(secret: str) -> bool:
    return len(secret) >= MIN_SECRET_LENGTH and len(set(secret)) >= 8
