"""/api/v1/organizations/<id>/members: list members, change their role, remove them."""

from collections.abc import Sequence

from sqlalchemy import Row

from app.api.accounts.named import organization_of_path
from app.api.common.fields import Fields
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import people as schemas
from app.api.schemas import responses
from app.domain.accounts.fields import check_choice
from app.domain.accounts.permissions import ROLES
from app.domain.common.clock import iso, iso_or_none
from app.domain.common.errors import NotFound
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.models import Membership, User
from app.queries.accounts import users as account_queries
from app.services.accounts import members

PATH = f"{PREFIX}/organizations/<organization_id>/members"
ITEM = f"{PATH}/<user_id>"


def index(request: Request) -> Response:
    rows: Sequence[Row[Membership, User]] = account_queries.members(
        organization_of_path(request).id
    )
    return Response(200, responses.Page([_member(*row) for row in rows], None))


def show(request: Request) -> Response:
    row = account_queries.member(request.ids["organization_id"], request.ids["user_id"])
    if row is None:
        raise NotFound
    return Response(200, _member(*row))


def update(request: Request) -> Response:
    fields = Fields(request.document(), ("role",))
    role = fields.take("role", lambda value, field: check_choice(value, tuple(ROLES), field))
    fields.done()
    members.change_role(request.ids["organization_id"], request.ids["user_id"], role, request.actor)
    return show(request)


def remove(request: Request) -> Response:
    members.remove(request.ids["organization_id"], request.ids["user_id"], request.actor)
    return Response(204)


def _member(membership: Membership, user: User) -> schemas.Member:
    return schemas.Member(
        id=user.id,
        email=user.email,
        name=user.name,
        role=membership.role,
        has_two_factor=user.has_two_factor,
        signed_in_at=iso_or_none(user.signed_in_at),
        joined_at=iso(membership.created_at),
    )


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        index,
        PLATFORM,
        operation="listMembers",
        summary="List the members of an organization in the order in which they joined",
        tag="Members",
        responses={200: responses.Page[schemas.Member]},
    ),
    ApiRoute(
        "GET",
        ITEM,
        show,
        PLATFORM,
        operation="getMember",
        summary="Get a member",
        tag="Members",
        responses={200: schemas.Member},
    ),
    ApiRoute(
        "PATCH",
        ITEM,
        update,
        PLATFORM,
        operation="updateMember",
        summary="Change a member's role; the last owner keeps theirs",
        tag="Members",
        responses={200: schemas.Member},
        body=JsonBody(schemas.MemberChange),
        errors=(409,),
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        remove,
        PLATFORM,
        operation="removeMember",
        summary="Remove a member, but not the last owner; at once they no longer see it",
        tag="Members",
        responses={204: None},
        errors=(409,),
    ),
)
