"""Whether the database works, as far as requests have seen."""

import threading

import pytest

from app.runtime import database_state
from app.runtime.database_state import DatabaseDown, DatabaseState


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> DatabaseState:
    monkeypatch.setattr(database_state, "RETRY_SECONDS", 3600.0)
    return DatabaseState()


def is_admitted(state: DatabaseState, *, writes: bool = False) -> bool:
    """Asks in a thread of its own."""
    results: list[bool] = []

    def ask() -> None:
        try:
            state.admit(writes=writes)
        except DatabaseDown:
            results.append(False)
        else:
            results.append(True)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return results[0]


def test_while_the_database_is_away_one_request_at_a_time_finds_out_whether_it_is_back(
    state: DatabaseState,
) -> None:
    assert is_admitted(state)
    state.failed("refused", is_total=True)
    state.admit()
    # The same request uses the database again.
    state.admit(writes=True)
    assert not is_admitted(state)
    state.failed("refused", is_total=True)
    assert not is_admitted(state)
    state.worked(wrote=False)
    assert is_admitted(state)


def test_a_full_disk_refuses_writes_only(state: DatabaseState) -> None:
    state.failed("full", is_total=False)
    assert is_admitted(state, writes=True)
    assert not is_admitted(state, writes=True)
    assert is_admitted(state)
    state.worked(wrote=False)
    assert not is_admitted(state, writes=True)
    state.worked(wrote=True)
    assert is_admitted(state, writes=True)


def test_the_log_has_one_line_for_each_change(
    state: DatabaseState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for _ in range(1000):
        state.failed("refused", is_total=True)
    for _ in range(3):
        state.worked(wrote=True)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
