"""How much a page of a search examines, in tests."""

import pytest

from app.queries.common import pace


def examine(monkeypatch: pytest.MonkeyPatch, rows: int, *, seconds: float = 0) -> None:
    """So many rows in each step; without seconds, a page has a single step."""
    for name in ("FIRST", "MOST"):
        monkeypatch.setattr(pace, name, rows)
    monkeypatch.setattr(pace, "LEAST", 1)
    for name in ("FIRST_SECONDS", "NEXT_SECONDS"):
        monkeypatch.setattr(pace, name, seconds)
