"""/api/v1/organizations/<id>/quotas: quotas and their usage."""

from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import accounts as account_schemas
from app.api.schemas import requests
from app.api.views import rows as views
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.services.accounts import quotas

PATH = f"{PREFIX}/organizations/<organization_id>/quotas"


def show(request: Request) -> Response:
    return Response(200, views.quotas(quotas.usage(request.organization_id)))


def update(request: Request) -> Response:
    organization_id = request.ids["organization_id"]
    quotas.choose(organization_id, request.document(), request.actor)
    return Response(200, views.quotas(quotas.usage(organization_id)))


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        show,
        "deliveries:read",
        operation="getQuotas",
        summary="Get the organization's quotas and how much of them is used",
        tag="Organizations",
        responses={200: account_schemas.Quotas},
    ),
    ApiRoute(
        "PATCH",
        PATH,
        update,
        PLATFORM,
        operation="updateQuotas",
        summary="Change the organization's quotas; null resets one to the default",
        tag="Organizations",
        responses={200: account_schemas.Quotas},
        body=JsonBody(requests.QuotasInput),
    ),
)
