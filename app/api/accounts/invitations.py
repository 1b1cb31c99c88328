"""/api/v1/organizations/<id>/invitations: create, list, resend and revoke invitations."""

from typing import Any

from app.api.accounts.named import organization_of_path
from app.api.common.fields import Fields
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import people as schemas
from app.api.schemas import responses
from app.domain.accounts.fields import check_choice, check_email
from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import iso
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.models import AccountEmail, Invitation
from app.queries.accounts import emails as account_emails
from app.queries.accounts import users as account_queries
from app.services.accounts import invitations

PATH = f"{PREFIX}/organizations/<organization_id>/invitations"
ITEM = f"{PATH}/<invitation_id>"


def create(request: Request) -> Response:
    fields = Fields(request.document(), ("email", "role"))
    email = fields.take("email", check_email)
    role = fields.take("role", lambda value, field: check_choice(value, tuple(ROLES), field))
    fields.done()
    row, token = invitations.create(organization_of_path(request).id, email, role, request.actor)
    return Response(201, _with_link(row, token))


def index(request: Request) -> Response:
    rows = account_queries.invitations(organization_of_path(request).id)
    emails = account_emails.latest_about([row.id for row in rows])
    listed = [schemas.Invitation(**_fields(row, emails.get(row.id))) for row in rows]
    return Response(200, responses.Page(listed, None))


def resend(request: Request) -> Response:
    ids = request.ids
    row, token = invitations.resend(ids["organization_id"], ids["invitation_id"], request.actor)
    return Response(200, _with_link(row, token))


def revoke(request: Request) -> Response:
    ids = request.ids
    invitations.revoke(ids["organization_id"], ids["invitation_id"], request.actor)
    return Response(204)


def _with_link(row: Invitation, token: str) -> schemas.NewInvitation:
    email = account_emails.latest_about([row.id]).get(row.id)
    return schemas.NewInvitation(**_fields(row, email), url=invitations.link(token))


def _fields(row: Invitation, email: AccountEmail | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "role": row.role,
        "created_at": iso(row.created_at),
        "expires_at": iso(row.expires_at),
        "email_state": None if email is None else email.state,
    }


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        PLATFORM,
        operation="createInvitation",
        summary="Invite a person; the response shows the link, which is also emailed",
        tag="Members",
        responses={201: schemas.NewInvitation},
        body=JsonBody(schemas.InvitationInput),
    ),
    ApiRoute(
        "GET",
        PATH,
        index,
        PLATFORM,
        operation="listInvitations",
        summary="List open invitations, newest first, expired ones included",
        tag="Members",
        responses={200: responses.Page[schemas.Invitation]},
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/resend",
        resend,
        PLATFORM,
        operation="resendInvitation",
        summary="Invite the same person for another week, with a new link",
        tag="Members",
        responses={200: schemas.NewInvitation},
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        revoke,
        PLATFORM,
        operation="revokeInvitation",
        summary="Revoke an invitation",
        tag="Members",
        responses={204: None},
    ),
)
