"""Background tasks of an organization or of the installation."""

from collections.abc import Sequence

from sqlalchemy import select

from app.models import BackgroundTask
from app.models.common.base import db
from app.queries.common.pages import EXAMINED
from app.queries.common.scans import Condition, Scan, Span
from app.queries.common.turns import Turn, Turned, turn


def page(
    organization_id: str | None,
    direction: Turn,
    limit: int,
    *,
    kinds: Sequence[str] = (),
    state: str | None = None,
) -> Turned:
    """organization_id None: of all, for platform keys."""
    base = () if organization_id is None else (BackgroundTask.organization_id == organization_id,)
    rest: list[Condition] = [BackgroundTask.kind.in_(list(kinds))] if kinds else []
    if state is not None:
        rest.append(BackgroundTask.state == state)
    return turn(Scan(BackgroundTask, base, tuple(rest), Span(), EXAMINED), direction, limit)


def get(organization_id: str | None, task_id: str) -> BackgroundTask | None:
    """organization_id None: of any, for platform keys."""
    statement = select(BackgroundTask).where(BackgroundTask.id == task_id)
    if organization_id is not None:
        statement = statement.where(BackgroundTask.organization_id == organization_id)
    return db.session.scalar(statement)


def abandoned(before: int) -> BackgroundTask | None:
    """A running task that no process has worked on since a time (milliseconds since the epoch)."""
    statement = select(BackgroundTask).where(
        BackgroundTask.state == "running", BackgroundTask.updated_at < before
    )
    return db.session.scalar(statement.order_by(BackgroundTask.updated_at).limit(1))
