"""Outcomes of the attempts of several webhooks, from their counters and waiting tallies."""

from collections.abc import Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    true,
    union_all,
)

from app.domain.deliveries.spans import HOUR, MINUTE, QUARTER, Window, start_of
from app.models import Counter
from app.models.common.base import db
from app.queries.statistics.counters import (
    NO_NUMBER,
    NO_TEXT,
    OUTCOMES,
    AnySelect,
    Figures,
    no_figures,
    own_deltas,
    tallies,
)


def sparks(organization_id: str, webhook_ids: Sequence[str], now: int) -> dict[str, Figures]:
    """Outcomes of each webhook's attempts, by hour for the last 24 hours."""
    end = start_of(now, HOUR) + HOUR * 1000
    window = Window(end - 24 * HOUR * 1000, end, HOUR, HOUR)
    result = {id_: no_figures(window, OUTCOMES) for id_ in webhook_ids}
    if not result:
        return result
    numbers: AnySelect = select(Counter.start, Counter.metric, Counter.value)
    numbers = numbers.where(*_outcomes(organization_id, HOUR, window.start))
    hours = _of_each(webhook_ids, numbers)
    for subject, at, metric, number, deltas in db.session.execute(
        union_all(hours, tallies(organization_id))
    ):
        if deltas is None:
            result[subject].add(at, metric, number)
            continue
        for own_id, name, n in own_deltas(deltas, organization_id):
            if own_id in result and name in OUTCOMES:
                result[own_id].add(at, name, n)
    return result


def outcome_sums(
    organization_id: str, webhook_ids: Sequence[str], since: int
) -> dict[str, dict[str, int]]:
    """{webhook id: {outcome: attempts since then}}. since: the start of a minute, at most
    KEPT[MINUTE] ago. Sums up quarters of an hour, and the minutes before the first whole one."""
    quarter = -(-since // (QUARTER * 1000)) * QUARTER * 1000
    value = cast(func.sum(Counter.value), BigInteger)
    parts: list[AnySelect] = []
    for span, start, end in ((MINUTE, since, quarter), (QUARTER, quarter, None)):
        if start == end:
            continue
        numbers: AnySelect = select(NO_NUMBER.label("start"), Counter.metric, value.label("value"))
        numbers = numbers.where(*_outcomes(organization_id, span, start))
        if end is not None:
            numbers = numbers.where(Counter.start < end)
        parts.append(_of_each(webhook_ids, numbers.group_by(Counter.metric), is_sum=True))
    result: dict[str, dict[str, int]] = {id_: dict.fromkeys(OUTCOMES, 0) for id_ in webhook_ids}
    statement = union_all(*parts, tallies(organization_id))
    for subject, at, metric, number, deltas in db.session.execute(statement):
        if deltas is None:
            result[subject][metric] += number
        elif at >= since:
            for own_id, name, n in own_deltas(deltas, organization_id):
                if own_id in result and name in OUTCOMES:
                    result[own_id][name] += n
    return result


def _of_each(webhook_ids: Sequence[str], numbers: AnySelect, *, is_sum: bool = False) -> AnySelect:
    """Webhook id, start, metric and value: `numbers` of each of these webhooks.

    PostgreSQL estimates many webhooks to be in many places, and would rather read all counters of
    that time, of every webhook and organization. A lateral query with OFFSET looks each one up.
    """
    if db.engine.dialect.name != "postgresql":
        subject = Counter.subject_id
        columns = (cast(subject, Text), *numbers.selected_columns, NO_TEXT)
        chosen: AnySelect = numbers.with_only_columns(*columns).where(subject.in_(webhook_ids))
        return chosen.group_by(subject) if is_sum else chosen
    type_ = Counter.__table__.c.subject_id.type
    ids = cast(literal(list(webhook_ids), ARRAY(Text)), ARRAY(type_))
    each = func.unnest(ids).table_valued(column("id", type_), name="each").render_derived()
    of_one = numbers.where(Counter.subject_id == each.c.id).offset(0).lateral("numbers")
    values = (of_one.c.start, of_one.c.metric, of_one.c.value)
    return select(cast(each.c.id, Text), *values, NO_TEXT).select_from(each.join(of_one, true()))


def _outcomes(organization_id: str, span: int, since: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Counter.organization_id == organization_id,
        Counter.span == span,
        Counter.metric.in_(OUTCOMES),
        Counter.start >= since,
    )
