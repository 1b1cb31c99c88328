"""/api/v1/organizations: made and listed by a platform key alone."""

from app.api.credentials import PLATFORM
from app.api.fields import Fields
from app.api.paging import CURSOR, LIMIT
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import accounts as account_shapes
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.accounts.fields import check_id, check_name
from app.queries import accounts
from app.services.accounts import organizations


def create(call: Call) -> Answer:
    given = Fields(call.document(), ("name", "id"))
    name = given.take("name", check_name)
    wanted = given.take(
        "id", lambda value, field: None if value is None else check_id(value, field)
    )
    given.done()
    row = organizations.create(name, wanted, call.actor)
    return Answer(201, views.organization(row))


def index(call: Call) -> Answer:
    page = accounts.organizations(call.query["limit"], call.query["cursor"])
    return Answer(200, views.page(page, views.organization))


ROUTES = (
    Route(
        "POST",
        f"{PREFIX}/organizations",
        create,
        "Create an organization",
        "Organizations",
        {201: account_shapes.Organization},
        PLATFORM,
        body=inputs.OrganizationInput,
        errors=(409,),
    ),
    Route(
        "GET",
        f"{PREFIX}/organizations",
        index,
        "List the organizations of the installation, newest first",
        "Organizations",
        {200: shapes.Page[account_shapes.Organization]},
        PLATFORM,
        query=(LIMIT, CURSOR),
    ),
)
