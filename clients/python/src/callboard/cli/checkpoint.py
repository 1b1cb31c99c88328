"""How far a file has been sent, kept in a file beside it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from callboard import batches
from callboard.errors import CallboardError

BLOCK = 1 << 20


@dataclass(slots=True)
class Position:
    """lines, end: everything up to this line and this byte was accepted. digest: of these bytes.
    key: from which the ids of events are derived; it is stored before the first event is sent, so
    that a batch whose response was lost is recognized."""

    url: str
    key: str
    lines: int = 0
    end: int = 0
    digest: str = ""


class Checkpoint:
    def __init__(self, path: Path, position: Position | None) -> None:
        self._path = path
        self._stored = position
        self._file = Path()
        self._hash = hashlib.sha256()
        self._hashed = 0

    @classmethod
    def at(cls, path: Path, *, restart: bool) -> Self:
        """CallboardError: it cannot be read."""
        if restart:
            return cls(path, None)
        try:
            return cls(path, Position(**json.loads(path.read_bytes())))
        except FileNotFoundError:
            return cls(path, None)
        except (OSError, ValueError, TypeError):
            raise CallboardError(
                f"{path} cannot be read. Send all of the file anew with --restart."
            ) from None

    def begin(self, file: Path, url: str, key: str | None) -> Position:
        """Where to go on. CallboardError: what was sent is not what the file has now."""
        self._file = file
        position = self._stored or Position(url, key or batches.new_id())
        if position.url != url or (key is not None and position.key != key):
            raise CallboardError(
                f"{self._path} is of another server or --key. Send all with --restart."
            )
        self._position = position
        self._hash_until(position.end)
        if position.end and self._hash.hexdigest() != position.digest:
            raise CallboardError(
                f"{file} has changed before line {position.lines + 1}, up to which it was sent."
                " Send all of it with --restart."
            )
        self._save()
        return Position(url, position.key, position.lines, position.end)

    @property
    def lines(self) -> int:
        return self._position.lines

    def advance(self, lines: int, end: int) -> None:
        self._hash_until(end)
        self._position.lines, self._position.end = lines, end
        self._save()

    def finish(self) -> None:
        self._path.unlink(missing_ok=True)

    def _hash_until(self, end: int) -> None:
        with self._file.open("rb") as file:
            file.seek(self._hashed)
            while self._hashed < end and (block := file.read(min(BLOCK, end - self._hashed))):
                self._hash.update(block)
                self._hashed += len(block)

    def _save(self) -> None:
        self._position.digest = self._hash.hexdigest()
        draft = self._path.with_name(f"{self._path.name}.new")
        draft.write_text(json.dumps(asdict(self._position)))
        draft.replace(self._path)
