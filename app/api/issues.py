"""/api/v1/issues: failed deliveries by webhook and failure reason."""

from functools import partial

from app.api.common.fields import Fields
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import statistics as schemas
from app.domain.accounts.fields import check_choice
from app.domain.common.clock import iso, iso_or_none, now_ms
from app.domain.common.errors import invalid
from app.domain.common.ids import canonical_id
from app.domain.common.numbers import whole_number
from app.domain.deliveries.causes import CAUSES, explain, what_to_do
from app.domain.issues.coverage import FAILURE, LASTS, LONGEST, TIME
from app.http.bodies import JsonBody
from app.http.messages import Request, Response
from app.http.parameters import moment
from app.queries import issues as issue_queries
from app.queries.accounts import users as user_queries
from app.queries.issues import Issue
from app.services.issues import acknowledgements
from app.services.issues.acknowledgements import NOTE_LENGTH

PATH = f"{PREFIX}/issues"
_MOMENT = moment("until", "")
_STATUS = whole_number(100, 599, 0)


def index(request: Request) -> Response:
    page = issue_queries.page(request.organization_id)
    return Response(200, schemas.Issues([_issue(each) for each in page.groups], page.is_all))


def acknowledge(request: Request) -> Response:
    names = ("webhook_id", "cause", "status_code", "note", "lasts", "until", "owner_id")
    fields = Fields(request.document(), names)
    webhook_id, cause, status = _key(fields)
    note = fields.take("note", _note)
    lasts = fields.take("lasts", _lasts) or FAILURE
    until = fields.take("until", _until)
    owner_id = fields.take("owner_id", partial(_owner_id, request.organization_id))
    if (lasts == TIME) != (request.document().get("until") is not None):
        remedy = "Send a time with `lasts: time`, and only then."
        fields.add("until", "conflict", "It does not fit `lasts`.", remedy)
    fields.done()
    acknowledgements.acknowledge(
        request.organization_id,
        webhook_id,
        cause,
        status,
        request.actor,
        note or "",
        lasts=lasts,
        until=until,
        owner_id=owner_id,
    )
    return Response(204)


def reopen(request: Request) -> Response:
    fields = Fields(request.document(), ("webhook_id", "cause", "status_code"))
    webhook_id, cause, status = _key(fields)
    fields.done()
    acknowledgements.reopen(request.organization_id, webhook_id, cause, status, request.actor)
    return Response(204)


def _key(fields: Fields) -> tuple[str, str, int | None]:
    """Invalid values are "": `done` reports them."""
    webhook_id = fields.take("webhook_id", _webhook_id)
    cause = fields.take("cause", lambda value, field: check_choice(value, ("", *CAUSES), field))
    return webhook_id or "", cause or "", fields.take("status_code", _STATUS) or None


def _webhook_id(value: object, field: str) -> str:
    webhook_id = canonical_id(value)
    if webhook_id is None:
        raise invalid(field, "id", "Not a UUID.", "Send the `webhook_id` of a listed issue.")
    return webhook_id


def _note(value: object, field: str) -> str:
    if value is not None and (not isinstance(value, str) or len(value) > NOTE_LENGTH):
        remedy = f"Send a string of at most {NOTE_LENGTH} characters, or omit the field."
        raise invalid(field, "length", "Not a short text.", remedy)
    return value or ""


def _lasts(value: object, field: str) -> str:
    return FAILURE if value is None else check_choice(value, LASTS, field)


def _until(value: object, field: str) -> int | None:
    """In milliseconds since the epoch."""
    if value is None:
        return None
    remedy = "Send a time of the next 90 days, such as 2026-02-24T11:52:20Z."
    try:
        until: int = _MOMENT.parse(value if isinstance(value, str) else "")
    except ValueError as error:
        raise invalid(field, "time", "Invalid time.", remedy) from error
    if not 0 < until - now_ms() <= LONGEST:
        raise invalid(field, "range", "It is past, or more than 90 days away.", remedy)
    return until


def _owner_id(organization_id: str, value: object, field: str) -> str | None:
    if value is None:
        return None
    user_id = canonical_id(value)
    if user_id is None or user_queries.member(organization_id, user_id) is None:
        remedy = "Send the user ID of a member of this organization."
        raise invalid(field, "unknown", "Not a member.", remedy)
    return user_id


def _issue(issue: Issue) -> schemas.Issue:
    known = issue.acknowledged
    return schemas.Issue(
        webhook_id=issue.webhook.id,
        webhook_name=issue.webhook.name,
        webhook_url=issue.webhook.url,
        cause=issue.cause,
        status_code=issue.status,
        explanation=explain(issue.cause, issue.status, issue.detail),
        what_to_do=what_to_do(issue.cause),
        deliveries=issue.number,
        unacknowledged=issue.fresh,
        since=iso(issue.since),
        last_failed_at=iso(issue.last),
        newest_delivery_id=issue.newest_id,
        acknowledged=None
        if known is None
        else schemas.Acknowledgement(
            at=iso(known.at),
            by=known.actor_name,
            note=known.note,
            lasts=known.lasts or FAILURE,
            until=iso_or_none(known.until if known.lasts == TIME else None),
            owner=known.owner_name,
        ),
    )


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        index,
        "deliveries:read",
        operation="listIssues",
        summary="List issues: failed deliveries by webhook and failure reason",
        tag="Issues",
        responses={200: schemas.Issues},
    ),
    ApiRoute(
        "POST",
        f"{PATH}/acknowledge",
        acknowledge,
        "deliveries:resend",
        operation="acknowledgeIssue",
        summary="Acknowledge an issue until the next failure, a success or a time, with an owner",
        tag="Issues",
        responses={204: None},
        body=JsonBody(requests.AcknowledgeInput),
    ),
    ApiRoute(
        "POST",
        f"{PATH}/reopen",
        reopen,
        "deliveries:resend",
        operation="reopenIssue",
        summary="Reopen an acknowledged issue",
        tag="Issues",
        responses={204: None},
        body=JsonBody(requests.IssueInput),
    ),
)
