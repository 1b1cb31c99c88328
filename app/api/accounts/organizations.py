"""/api/v1/organizations: create, list, change, suspend, resume and delete them with a platform key;
each key reads its own."""

from collections.abc import Callable
from dataclasses import replace

from app.api.common.fields import Fields
from app.api.common.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import accounts as account_schemas
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.domain.accounts.fields import check_flag, check_id, check_name
from app.domain.common.errors import NotFound, invalid
from app.domain.common.uids import check_uid
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.http.parameters import text
from app.queries.accounts import users as account_queries
from app.services.accounts import deleting, organizations, suspension

PATH = f"{PREFIX}/organizations/<organization_id>"
CONFIRM = replace(text("confirm", "The organization's name, exactly."), is_required=True)
_CHANGES: dict[str, Callable[[object, str], object]] = {
    "name": check_name,
    "uid": check_uid,
    "requires_two_factor": check_flag,
    "indexes_values": check_flag,
}


def create(request: Request) -> Response:
    fields = Fields(request.document(), ("name", "id", "uid"))
    name = fields.take("name", check_name)
    own_id = fields.take(
        "id", lambda value, field: None if value is None else check_id(value, field)
    )
    uid = fields.take("uid", check_uid)
    fields.done()
    row = organizations.create(name, own_id, request.actor, uid=uid)
    return Response(201, views.organization(row))


def index(request: Request) -> Response:
    page = account_queries.organizations(request.query["limit"], request.query["cursor"])
    return Response(200, views.page(page, views.organization))


def show(request: Request) -> Response:
    row = account_queries.organization(request.organization_id)
    if row is None:
        # Deleted within the second for which credentials are cached.
        raise NotFound
    return Response(200, views.organization(row))


def update(request: Request) -> Response:
    document = request.document()
    fields = Fields(document, tuple(_CHANGES))
    checks = {name: check for name, check in _CHANGES.items() if name in document}
    changes = {name: fields.take(name, check) for name, check in checks.items()}
    fields.done()
    row = organizations.change(request.ids["organization_id"], changes, request.actor)
    return Response(200, views.organization(row))


def delete(request: Request) -> Response:
    confirmation = request.query["confirm"]
    if confirmation is None:
        remedy = "Send the organization's name, to confirm that all its data is to be deleted."
        raise invalid("confirm", "required", "The confirmation is missing.", remedy)
    deleting.delete_organization(request.ids["organization_id"], confirmation, request.actor)
    return Response(204)


def suspend(request: Request) -> Response:
    row = suspension.suspend(request.ids["organization_id"], request.actor)
    return Response(200, views.organization(row))


def resume(request: Request) -> Response:
    row = suspension.resume(request.ids["organization_id"], request.actor)
    return Response(200, views.organization(row))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/organizations",
        create,
        PLATFORM,
        operation="createOrganization",
        summary="Create an organization",
        tag="Organizations",
        responses={201: account_schemas.Organization},
        body=JsonBody(requests.OrganizationInput),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/organizations",
        index,
        PLATFORM,
        operation="listOrganizations",
        summary="List the organizations of the installation, newest first",
        tag="Organizations",
        responses={200: schemas.Page[account_schemas.Organization]},
        query=(LIMIT, CURSOR),
    ),
    ApiRoute(
        "GET",
        PATH,
        show,
        "deliveries:read",
        operation="getOrganization",
        summary="Get the organization",
        tag="Organizations",
        responses={200: account_schemas.Organization},
    ),
    ApiRoute(
        "PATCH",
        PATH,
        update,
        PLATFORM,
        operation="updateOrganization",
        summary="Change an organization's name, uid or rules",
        tag="Organizations",
        responses={200: account_schemas.Organization},
        body=JsonBody(requests.OrganizationChange),
        errors=(409,),
    ),
    ApiRoute(
        "DELETE",
        PATH,
        delete,
        PLATFORM,
        operation="deleteOrganization",
        summary="Delete an organization with all its data, which is erased in the background",
        tag="Organizations",
        responses={204: None},
        query=(CONFIRM,),
    ),
    ApiRoute(
        "POST",
        f"{PATH}/suspend",
        suspend,
        PLATFORM,
        operation="suspendOrganization",
        summary="Suspend the organization: its keys and people are refused, its deliveries wait",
        tag="Organizations",
        responses={200: account_schemas.Organization},
        errors=(409,),
    ),
    ApiRoute(
        "POST",
        f"{PATH}/resume",
        resume,
        PLATFORM,
        operation="resumeOrganization",
        summary="Resume a suspended organization and enable the webhooks that were held",
        tag="Organizations",
        responses={200: account_schemas.Organization},
        errors=(409,),
    ),
)
