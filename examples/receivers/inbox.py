"""Keep callbacks in a table: each once, and until the work is done. Used by the Python receivers.

SQLite keeps the example small. In production use a table of your own database: write it in the
transaction of your own changes.
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

TABLE = """
    CREATE TABLE IF NOT EXISTS callbacks (
        id TEXT PRIMARY KEY,
        body BLOB NOT NULL,
        is_done INTEGER NOT NULL DEFAULT 0
    )
"""


class Inbox:
    def __init__(self, path: str) -> None:
        self._path = path
        self._arrived = threading.Event()
        with closing(self._connect()) as connection, connection:
            connection.execute(TABLE)

    def add(self, callback_id: str, body: bytes) -> None:
        """Store a callback durably. A repeat has the same id and changes nothing."""
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "INSERT INTO callbacks (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (callback_id, body),
            )
        self._arrived.set()

    def work(self, handle: Callable[[str, bytes], None]) -> None:
        """Handle stored callbacks, oldest first, in a thread of its own. After a crash the one in
        hand is handled again: `handle` may see an id twice."""
        threading.Thread(target=self._work, args=(handle,), daemon=True).start()

    def _work(self, handle: Callable[[str, bytes], None]) -> None:
        with closing(self._connect()) as connection:
            while True:
                self._arrived.clear()
                query = "SELECT id, body FROM callbacks WHERE NOT is_done ORDER BY rowid LIMIT 100"
                rows = connection.execute(query).fetchall()
                for callback_id, body in rows:
                    handle(callback_id, body)
                    done = "UPDATE callbacks SET is_done = 1 WHERE id = ?"
                    connection.execute(done, (callback_id,))
                    connection.commit()
                if not rows:
                    self._arrived.wait()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)
