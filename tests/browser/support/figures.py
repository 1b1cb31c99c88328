"""A day as a product has it: figures for the charts, with an hour that went badly."""

import math
import time

from app.domain.common.clock import now_ms
from app.domain.deliveries.tallies import Tallies, bucket_of
from app.models.common.base import db
from app.services.maintenance import counters as counting
from app.store import tallies as tally_rows

QUARTER = 15 * 60_000


def tell(organization_id: str, hooks: dict[str, str], days: int = 30) -> None:
    """Attempts and what became of them, a tally for each quarter of an hour, added up."""
    now = now_ms()
    for index in range(days * 96):
        tallies = Tallies()
        at = now - index * QUARTER
        busy = 20 + round(30 * (1 + math.sin(index / 15)))
        bad = 18 if 20 <= index < 26 else int(index % 11 == 0)
        _add(tallies, (organization_id, hooks["healthy"]), busy, 0, index)
        _add(tallies, (organization_id, hooks["failing"]), 0 if index < 8 else 9, bad, index)
        tallies.add(organization_id, None, "events", busy)
        tally_rows.append(db.session, tallies, at)
    db.session.commit()
    counting.add_up(time.monotonic() + 60)


def _add(tallies: Tallies, own: tuple[str, str], succeeded: int, bad: int, index: int) -> None:
    type_ = ("encoding.finished", "encoding.failed", "media.published")[index % 3]
    failed = bad // 3
    for metric, number in (
        ("deliveries", succeeded + failed),
        ("attempts", succeeded + bad),
        ("succeeded", succeeded),
        ("failed", failed),
        ("retrying", bad - failed),
        ("status:200", succeeded),
        ("status:503", bad // 2),
        ("cause:ok", succeeded),
        ("cause:status", bad // 2),
        ("cause:timeout_wait", bad - bad // 2),
        (f"type:{type_}", succeeded + bad),
        (f"failed_type:{type_}", bad),
    ):
        if number:
            tallies.add(*own, metric, number)
    for share, millis in ((0.6, 42), (0.3, 110), (0.1, 900)):
        if succeeded:
            tallies.add(*own, f"ms:{bucket_of(millis * 1000)}", math.ceil(succeeded * share))
