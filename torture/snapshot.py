"""Read the rows of an installation's database at the end of a run."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from torture.rows import Snapshot


class Database:
    """SQLite at a path, or PostgreSQL at a URL."""

    def __init__(self, path: Path, url: str | None) -> None:
        self._path, self._url = path, url

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        connection: Any = (
            sqlite3.connect(self._path, timeout=10)
            if self._url is None
            else psycopg.connect(self._url)
        )
        with closing(connection):
            return [tuple(row) for row in connection.execute(statement).fetchall()]

    def is_idle(self) -> bool:
        """Nothing is due, and everything is counted."""
        return all(
            self.rows(f"SELECT count(*) FROM {table}") == [(0,)] for table in ("due", "tallies")
        )

    def snapshot(self) -> Snapshot:
        counted = self.rows(
            "SELECT coalesce(sum(value), 0) FROM counters"
            " WHERE span = 86400 AND metric = 'attempts' AND subject_id = organization_id"
        )
        integrity = [("ok",)] if self._url else self.rows("PRAGMA integrity_check")
        return Snapshot(
            deliveries=[
                (str(id_), str(event), str(webhook), state, attempts)
                for id_, event, webhook, state, attempts in self.rows(
                    "SELECT id, event_id, webhook_id, state, attempts FROM deliveries"
                )
            ],
            attempts=[
                (str(delivery), number, cause)
                for delivery, number, cause in self.rows(
                    "SELECT delivery_id, number, cause FROM attempts"
                )
            ],
            due=[
                (str(id_), by) for id_, by in self.rows("SELECT delivery_id, claimed_by FROM due")
            ],
            workers=[row[0] for row in self.rows("SELECT id FROM workers")],
            in_flight={
                str(webhook): number
                for webhook, number in self.rows("SELECT webhook_id, in_flight FROM webhook_states")
            },
            counted=int(counted[0][0]),
            is_intact=integrity == [("ok",)],
        )
