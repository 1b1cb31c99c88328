"""Check quickly whether the database schema is current."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from app.runtime.settings import Settings

REVISION = re.compile(r"""^(down_)?revision\b[^=]*=\s*["'](\w+)["']""", re.MULTILINE)


def is_current(settings: Settings, migrations: Path) -> bool:
    """Whether no migration is needed. False also if unknown: `app.cli migrate`, which takes most of
    a second to load, then finds out. Only SQLite can be read with the standard library."""
    if not settings.is_sqlite:
        return False
    path = unquote(urlsplit(settings.database_url).path).removeprefix("/")
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return {version for (version,) in rows} == heads(migrations)


def heads(migrations: Path) -> set[str]:
    """The revisions without a successor; there is one."""
    revisions: set[str] = set()
    superseded: set[str] = set()
    for file in (migrations / "versions").glob("*.py"):
        for down, name in REVISION.findall(file.read_text()):
            (superseded if down else revisions).add(name)
    return revisions - superseded
