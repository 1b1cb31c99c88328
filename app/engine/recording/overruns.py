"""Count body expressions that exceeded their budget."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.engine.claims import Result
from app.store.overruns import BODY, MAX_OVERRUNS, count, counted, disable_for, forget


def count_overruns(connection: Connection, results: Sequence[Result], now: int) -> None:
    """results: recorded in this transaction, in the order in which they ended."""
    streaks: dict[str, int] = {}
    within: set[str] = set()
    for result in results:
        webhook_id = result.claim.webhook_id
        if result.verdict.cause == "over_budget":
            streaks[webhook_id] = streaks.get(webhook_id, 0) + 1
        elif result.claim.is_sandboxed and result.body is not None:
            within.add(webhook_id)
            streaks.pop(webhook_id, None)
    if within and (stale := counted(connection, within, BODY)):
        forget(connection, stale, BODY)
    for webhook_id, times in sorted(streaks.items()):
        if count(connection, webhook_id, BODY, times) >= MAX_OVERRUNS:
            disable_for(connection, webhook_id, BODY, now)
