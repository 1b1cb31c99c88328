"""The list of an organization's webhooks: by state, in several orders, with bounded work."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.domain.common.ids import is_id
from app.domain.common.names import text_fault
from app.domain.webhooks import states
from app.models import Webhook, WebhookState
from app.models.common.base import db
from app.queries import webhooks
from app.queries.common.pages import Page, bad_cursor, decode_cursor, encode_cursor
from app.queries.common.scans import Condition
from app.queries.statistics import failing

# The newest webhooks, which are counted and sorted. Older ones are found by a search, and listed
# in order of creation.
MAX_LISTED = 5_000
# Characters that names are compared by.
_COMPARED = 64


@dataclass(frozen=True, slots=True)
class StateCounts:
    """numbers: {state: webhooks}, without zeros. is_all: False if there may be more."""

    numbers: dict[str, int]
    is_all: bool

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


class WebhookList:
    """The webhooks that a search finds, all if `q` is empty: text in the name or URL, or an id."""

    def __init__(
        self, organization_id: str, q: str | None = None, known: failing.ByRate | None = None
    ) -> None:
        """known: the failing ones, if they were read already."""
        self._organization_id = organization_id
        self._q = q
        # Read once for the page and the counts.
        known = known or failing.by_rate(organization_id)
        self._failing_by_rate = list(known.failing)

    def page(
        self,
        of_states: Sequence[str] = (),
        sort: str = states.BY_STATE,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Webhook]:
        return self.page_and_counts(of_states, sort, limit, cursor)[0]

    def page_and_counts(
        self,
        of_states: Sequence[str] = (),
        sort: str = states.BY_STATE,
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[Page[Webhook], StateCounts]:
        """of_states: of `domain.webhooks.states`; () for all. sort: of its SORTS. Invalid: a
        malformed cursor."""
        if sort == states.NEWEST and not of_states:
            page = webhooks.page(self._organization_id, limit, cursor, q=self._q)
            return page, self.counts()
        after = _decoded(cursor, str if sort.endswith("name") else int)
        is_descending = sort.startswith("-")
        # Used twice, so the database evaluates it once.
        listed = self._listed(sort.removeprefix("-")).cte("listed")
        order = (listed.c.key.desc() if is_descending else listed.c.key.asc(), listed.c.id.desc())
        position = func.row_number().over(order_by=order).label("number")
        statement = select(
            listed.c.id.label("id"),
            listed.c.key.label("key"),
            cast(null(), Integer).label("rank"),
            position,
        )
        if of_states:
            ranks = [states.ORDER.index(name) for name in of_states]
            statement = statement.where(listed.c.rank.in_(ranks))
        if after is not None:
            statement = statement.where(_after(listed, is_descending, *after))
        of_page = statement.order_by(*order).limit(limit + 1).subquery()
        no_key = cast(null(), Text if sort.endswith("name") else BigInteger)
        no_id = cast(null(), Webhook.id.type)
        counts = select(no_id, no_key, listed.c.rank, func.count()).group_by(listed.c.rank)
        rows = db.session.execute(union_all(select(of_page), counts)).all()
        matching = sorted((row for row in rows if row.id is not None), key=lambda row: row.number)
        ids = [row.id for row in matching[:limit]]
        page = Page(webhooks.of_ids(self._organization_id, ids), _cursor(matching, limit))
        return page, _counts((row.rank, row.number) for row in rows if row.id is None)

    def counts(self) -> StateCounts:
        listed = self._listed("created").subquery()
        statement = select(listed.c.rank, func.count()).group_by(listed.c.rank)
        return _counts((row[0], row[1]) for row in db.session.execute(statement))

    def _listed(self, key: str) -> Select[Any]:
        """id, rank (the place of the state in `states.ORDER`) and key of the newest ones."""
        statement: Select[Any] = webhooks.current(self._organization_id, include_once=False)
        if self._q:
            statement = webhooks.search(statement, self._q)
        rank = self._rank()
        columns = (Webhook.id, rank.label("rank"), _key(key, rank).label("key"))
        return (
            statement.with_only_columns(*columns)
            .outerjoin(WebhookState, WebhookState.webhook_id == Webhook.id)
            .limit(MAX_LISTED)
        )

    def _rank(self) -> Any:
        """As `webhook_chip` shows it."""
        is_off = Webhook.is_active.is_(False)
        by_rate = Webhook.id.in_(self._failing_by_rate)
        conditions: tuple[tuple[Condition, str], ...] = (
            (and_(is_off, func.coalesce(Webhook.disabled_reason, "") != ""), states.DISABLED),
            (Webhook.held.is_(True), states.SUSPENDED),
            (is_off, states.PAUSED),
            (or_(failing.IN_A_ROW, by_rate), states.FAILING),
            (WebhookState.window.is_not(None), states.THROTTLED),
        )
        ranks = [(condition, literal(states.ORDER.index(name))) for condition, name in conditions]
        return case(*ranks, else_=literal(states.ORDER.index(states.ACTIVE)))


def _key(name: str, rank: Any) -> Any:
    """What an order compares. Rows that are equal in it are ordered by id."""
    if name == "name":
        bare_url = func.replace(func.replace(Webhook.url, "https://", ""), "http://", "")
        shown = func.coalesce(func.nullif(Webhook.name, ""), bare_url)
        return func.lower(func.substr(shown, 1, _COMPARED))
    if name == "success":
        return func.coalesce(WebhookState.last_success_at, 0)
    return rank if name == states.BY_STATE else literal(0)


def _counts(rows: Iterable[tuple[int, int]]) -> StateCounts:
    """rows: (rank, webhooks)"""
    numbers = {states.ORDER[rank]: number for rank, number in rows}
    return StateCounts(numbers, sum(numbers.values()) < MAX_LISTED)


def _after(listed: CTE, is_descending: bool, last: object, last_id: str) -> Condition:
    key = listed.c.key
    further = key < last if is_descending else key > last
    return or_(further, and_(key == last, listed.c.id < last_id))


def _cursor(rows: Sequence[Any], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    last = rows[limit - 1]
    return encode_cursor(json.dumps([last.key, last.id]))


def _decoded(cursor: str | None, kind: type[str | int]) -> tuple[str | int, str] | None:
    """kind: of the order's values. A cursor of another order is malformed."""
    text = decode_cursor(cursor, is_key=lambda _: True)
    if text is None:
        return None
    try:
        last, last_id = json.loads(text)
    except (ValueError, TypeError) as error:
        raise bad_cursor() from error
    if type(last) is not kind or not is_id(last_id):
        raise bad_cursor()
    # Otherwise the database refuses it.
    if text_fault(last, lines=True) if isinstance(last, str) else abs(last) >= 1 << 62:
        raise bad_cursor()
    return last, last_id
