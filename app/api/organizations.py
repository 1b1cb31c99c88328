"""/api/v1/organizations: made and listed by a platform key alone."""

from app.api.fields import Fields
from app.api.routes import CURSOR, LIMIT, PREFIX, ApiRoute
from app.api.schemas import accounts as account_shapes
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.accounts.fields import check_id, check_name
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.queries import accounts
from app.services.accounts import organizations


def create(request: Request) -> Response:
    given = Fields(request.document(), ("name", "id"))
    name = given.take("name", check_name)
    wanted = given.take(
        "id", lambda value, field: None if value is None else check_id(value, field)
    )
    given.done()
    row = organizations.create(name, wanted, request.actor)
    return Response(201, views.organization(row))


def index(request: Request) -> Response:
    page = accounts.organizations(request.query["limit"], request.query["cursor"])
    return Response(200, views.page(page, views.organization))


ROUTES = (
    ApiRoute(
        "POST",
        f"{PREFIX}/organizations",
        create,
        PLATFORM,
        summary="Create an organization",
        tag="Organizations",
        responses={201: account_shapes.Organization},
        body=JsonBody(inputs.OrganizationInput),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        f"{PREFIX}/organizations",
        index,
        PLATFORM,
        summary="List the organizations of the installation, newest first",
        tag="Organizations",
        responses={200: shapes.Page[account_shapes.Organization]},
        query=(LIMIT, CURSOR),
    ),
)
