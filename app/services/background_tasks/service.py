"""Start background tasks, and continue those that no process is working on.

The process that starts a task works on it for some seconds. What is left is done by workers, a
slice at a time; each slice is recorded, so that a task continues after any process was stopped.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError
from app.domain.common.ids import first_id_of, new_id
from app.models import BackgroundTask as Row
from app.models.common.base import db
from app.queries import background_tasks as task_queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.background_tasks import kinds
from app.services.maintenance.periodic import PeriodicTask
from app.store.transaction import write_transaction

RUNNING, FINISHED, FAILED = "running", "finished", "failed"
# The client waits this long at most.
SECONDS = 5.0
# A slice takes less, unless its process was stopped.
ABANDONED_MS = 60_000
KEPT_MS = 90 * 86_400_000
EVERY_SECONDS = 5.0
_FRESH = {"populate_existing": True}


def start(organization_id: str | None, kind: str, terms: dict[str, Any], actor: Actor) -> Row:
    """Start a task and work on it for some seconds. kind, terms: of `kinds`."""
    now = now_ms()
    row = Row(
        id=new_id(),
        organization_id=organization_id,
        kind=kind,
        state=RUNNING,
        terms=terms | {"actor": asdict(actor)},
        result={},
        created_at=now,
        updated_at=now,
    )
    with write_transaction() as session:
        session.execute(delete(Row).where(Row.id < first_id_of(now - KEPT_MS)))
        session.add(row)
        after = {"kind": kind} | terms
        audit.record(
            session, organization_id, actor, "background_task.start", row.id, after=after, name=kind
        )
    return _work_on(row, SECONDS)


def _work_on(row: Row, seconds: float) -> Row:
    """Do a slice; workers continue with the next one at once."""
    advanced = _advance(row, seconds)
    if advanced.state == RUNNING:
        _let_go(advanced.id)
    return advanced


def _advance(row: Row, seconds: float) -> Row:
    """Do a slice. Its errors fail the task."""
    actor, result = Actor(**row.terms["actor"]), dict(row.result)
    work_left = kinds.Task(row.organization_id, row.terms, result, actor, seconds)
    task_id, kind = row.id, row.kind
    # No transaction stays open while the slice runs its own.
    db.session.commit()
    try:
        worked = kinds.work(kind, work_left)
        state, result = FINISHED if worked.done else RUNNING, worked.result
    except CallboardError as error:
        state, result = FAILED, result | {"error": error.detail}
    return _record(task_id, state, result)


def _record(task_id: str, state: str, result: dict[str, Any]) -> Row:
    values = {"state": state, "result": result, "updated_at": now_ms()}
    with write_transaction() as session:
        changed = update(Row).where(Row.id == task_id).values(**values).returning(Row)
        row: Row = session.scalars(changed, execution_options={"populate_existing": True}).one()
    return row


def work(_: float) -> bool:
    """Continue in a thread, so that no delivery waits."""
    if task_queries.abandoned(now_ms() - ABANDONED_MS) is not None:
        runtime().background.start("background tasks", carry_on)
    return False


def carry_on() -> None:
    """Work until no task is abandoned."""
    while (row := task_queries.abandoned(now_ms() - ABANDONED_MS)) is not None:
        if not _take(row):
            return
        _work_on(row, SECONDS)


def _take(row: Row) -> bool:
    """Whether no other process took it."""
    condition = (
        Row.id == row.id,
        Row.state == RUNNING,
        Row.updated_at == row.updated_at,
    )
    with write_transaction() as session:
        taken = update(Row).where(*condition).values(updated_at=now_ms()).returning(Row.id)
        return session.scalar(taken) is not None


def _let_go(task_id: str) -> None:
    with write_transaction() as session:
        session.execute(update(Row).where(Row.id == task_id).values(updated_at=0))


BACKGROUND_TASKS = PeriodicTask("background tasks", EVERY_SECONDS, work)
