"""Reads of the task that adds values to the index."""

from sqlalchemy import Select, func, select

from app.models import NewValues
from app.models.common.base import db
from app.queries.common.moments import Moment

# Blocks of one transaction.
BLOCKS = 200


def blocks(_: Moment) -> Select[int]:
    """Those whose values are not yet in the index."""
    return select(NewValues.id)


def oldest_blocks(max_bytes: int) -> list[tuple[int, bytes]]:
    """(id, block), as many as have `max_bytes`, at least one."""
    sizes = db.session.execute(
        select(NewValues.id, func.length(NewValues.packed)).order_by(NewValues.id).limit(BLOCKS)
    ).all()
    ids: list[int] = []
    left = max_bytes
    for id_, size in sizes:
        left -= size
        if ids and left < 0:
            break
        ids.append(id_)
    if not ids:
        return []
    rows = db.session.execute(
        select(NewValues.id, NewValues.packed).where(NewValues.id.in_(ids)).order_by(NewValues.id)
    )
    return [(row[0], bytes(row[1])) for row in rows]
