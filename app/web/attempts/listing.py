"""The list of attempts: what the numbers of attempts on other pages open."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from app.domain.deliveries import masking
from app.domain.deliveries.causes import FAILURE_TITLES, OK
from app.models import Attempt, Delivery, Webhook
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import attempt_list
from app.queries.deliveries.attempt_filters import AttemptRow
from app.queries.deliveries.attempts import SHOWN
from app.queries.event_types import catalogue as event_type_queries
from app.web.attempts import filters as attempt_filters
from app.web.attempts.filters import OUTCOMES, Outcome
from app.web.common import filters
from app.web.common.access import auth
from app.web.webhooks.names import menu_of, missing_of

blueprint = Blueprint("attempts", __name__, url_prefix="/attempts")

PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """sent_to: with secrets masked. url: of its delivery's page, where it is open."""

    attempt: Attempt
    delivery: Delivery
    outcome: Outcome
    webhook_name: str
    sent_to: str
    url: str


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = filters.read(attempt_filters.FIELDS)
    filter_ = attempt_filters.attempt_filter(form)
    cursor = request.args.get("cursor")
    page = None
    if not form.problems:
        page = attempt_list.page(organization_id, filter_, PAGE, cursor)
    menu = menu_of(organization_id, form.values["webhook_id"])
    missing = missing_of(organization_id, form.values["webhook_id"], menu, "attempts")
    return render_template(
        "attempts/index.html",
        page=page,
        rows=rows_of(organization_id, page.rows) if page else [],
        form=form,
        cursor=cursor,
        searched_since=attempt_list.searched_to(page.next_cursor) if page else None,
        outcomes=OUTCOMES,
        tests=attempt_filters.TESTS,
        causes=FAILURE_TITLES,
        webhooks={**menu, **missing.entry},
        missing=missing.sentence,
        event_types=event_type_queries.names(organization_id),
        link=lambda **changes: filters.url_with(form, "attempts.index", changes),
    )


def rows_of(organization_id: str, rows: Sequence[AttemptRow]) -> list[Row]:
    ids = {row.attempt.webhook_id for row in rows}
    webhooks = webhook_queries.any_of_ids(organization_id, ids) if ids else {}
    return [_row(row, webhooks.get(row.attempt.webhook_id)) for row in rows]


def _row(row: AttemptRow, webhook: Webhook | None) -> Row:
    attempt = row.attempt
    return Row(
        attempt=attempt,
        delivery=row.delivery,
        outcome=OUTCOMES[_outcome_of(attempt)],
        webhook_name=webhook.name if webhook else "",
        sent_to=masking.of(webhook).url(attempt.url),
        url=_url(attempt, row.delivery),
    )


def _outcome_of(attempt: Attempt) -> str:
    if attempt.cause == OK:
        return "succeeded"
    return "retried" if attempt.retried else "final"


def _url(attempt: Attempt, delivery: Delivery) -> str:
    """The page shows the last attempts, or those before one."""
    is_among_last = delivery.attempts - attempt.number < SHOWN
    return url_for(
        "deliveries.show",
        delivery_id=delivery.id,
        attempt=attempt.number,
        before=None if is_among_last else attempt.number + 1,
        _anchor=f"attempt-{attempt.number}",
    )
