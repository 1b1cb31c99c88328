"""Check quickly whether the database schema is current, and encrypted with our key; migrate it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from app.runtime.configuration.settings import Settings
from app.runtime.migrations import heads
from app.runtime.vault import fingerprint
from app.supervisor.commands import migration_child
from app.supervisor.errors import CannotStart
from app.supervisor.loop import Loop
from app.supervisor.output import message_of, say


def is_current(settings: Settings, migrations: Path) -> bool:
    """Whether no migration is needed. False also if unknown: `app.cli migrate`, which takes most of
    a second to load, then finds out. Only SQLite can be read with the standard library."""
    rows = _read(settings, "SELECT version_num FROM alembic_version")
    return set(rows) == heads(migrations)


def has_our_key(settings: Settings) -> bool:
    """Whether the database records one of our keys. False also if unknown; see `is_current`."""
    keys = (settings.secret_key, *settings.secret_key_previous)
    recorded = _read(settings, "SELECT key_fingerprint FROM installation")
    return bool(recorded) and set(recorded) <= set(map(fingerprint, keys))


def migrate(loop: Loop, environ: dict[str, str], lock: int) -> None:
    """Run `app.cli migrate`, unless a stop is requested. CannotStart if it fails."""
    output: list[str] = []
    child = migration_child(environ, lock, output.append)
    loop.start(child)
    # It leaves the list after its last output has been read.
    while child in loop.children and not loop.is_stopping:
        loop.turn()
    is_failed = child.exit_code and not loop.is_stopping
    # Commands report an error in one line; a traceback is a fault of ours.
    is_explained = output and not any("Traceback" in line for line in output)
    reason = message_of(output.pop()) if is_failed and is_explained else None
    for line in output:
        say(line, child.name)
    if is_failed:
        raise CannotStart(reason or "The database migration failed; see the lines above.")


def _read(settings: Settings, query: str) -> list[str]:
    """The only column of the rows; none if the database cannot be read."""
    if not settings.is_sqlite:
        return []
    path = unquote(urlsplit(settings.database_url).path).removeprefix("/")
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
            return [value for (value,) in connection.execute(query)]
    except sqlite3.Error:
        return []
