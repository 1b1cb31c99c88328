"""Whether the tables are of today's shape, found out in a millisecond when that can be."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from app.runtime.settings import Settings

REVISION = re.compile(r"""^(down_)?revision\b[^=]*=\s*["'](\w+)["']""", re.MULTILINE)


def is_current(settings: Settings, migrations: Path) -> bool:
    """False also when it cannot be told here: `app.cli migrate` then looks, which takes most of a
    second to load. Only a SQLite file can be asked without anything installed."""
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
    """The revisions that no other follows; there is one."""
    found: set[str] = set()
    followed: set[str] = set()
    for file in (migrations / "versions").glob("*.py"):
        for down, name in REVISION.findall(file.read_text()):
            (followed if down else found).add(name)
    return found - followed
