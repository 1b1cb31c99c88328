"""/api/v1/organizations/<id>/api-keys: create, list, restrict and revoke keys with a platform
key."""

from app.api.accounts.named import organization_of_path
from app.api.common.fields import Fields
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import accounts as account_schemas
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.api.views import rows as views
from app.domain.accounts.fields import check_choices, check_expiry, check_name
from app.domain.accounts.networks import check_networks
from app.domain.accounts.permissions import SCOPES
from app.domain.common.clock import now_ms
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.queries.accounts import users as account_queries
from app.services.accounts import api_keys

PATH = f"{PREFIX}/organizations/<organization_id>/api-keys"


def create(request: Request) -> Response:
    fields = Fields(request.document(), ("name", "scopes", "expires_at", "allowed_networks"))
    name = fields.take("name", check_name)
    scopes = fields.take("scopes", lambda value, field: check_choices(value, tuple(SCOPES), field))
    expires_at = fields.take(
        "expires_at", lambda value, field: check_expiry(value, now_ms(), field)
    )
    networks = fields.take("allowed_networks", check_networks)
    fields.done()
    organization_id = request.ids["organization_id"]
    new = api_keys.create(organization_id, name, scopes, expires_at, networks, actor=request.actor)
    return Response(201, views.new_api_key(new, organization_id))


def index(request: Request) -> Response:
    rows = account_queries.api_keys(organization_of_path(request).id)
    return Response(200, schemas.Page([views.api_key(row) for row in rows], None))


def update(request: Request) -> Response:
    document = request.document()
    fields = Fields(document, ("allowed_networks",))
    if "allowed_networks" not in document:
        fields.add("allowed_networks", "required", "Missing.", "Send a list of networks, or null.")
    networks = fields.take("allowed_networks", check_networks)
    fields.done()
    ids = request.ids
    row = api_keys.restrict(ids["organization_id"], ids["key_id"], networks, request.actor)
    return Response(200, views.api_key(row))


def revoke(request: Request) -> Response:
    api_keys.revoke(request.ids["organization_id"], request.ids["key_id"], request.actor)
    return Response(204)


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        PLATFORM,
        operation="createApiKey",
        summary="Create an API key; the response shows its secret once",
        tag="Organizations",
        responses={201: account_schemas.NewApiKey},
        body=JsonBody(requests.ApiKeyInput),
    ),
    ApiRoute(
        "GET",
        PATH,
        index,
        PLATFORM,
        operation="listApiKeys",
        summary="List the API keys of an organization, revoked ones included, newest first",
        tag="Organizations",
        responses={200: schemas.Page[account_schemas.ApiKey]},
    ),
    ApiRoute(
        "PATCH",
        f"{PATH}/<key_id>",
        update,
        PLATFORM,
        operation="updateApiKey",
        summary="Change from which networks an API key may be used",
        tag="Organizations",
        responses={200: account_schemas.ApiKey},
        body=JsonBody(requests.ApiKeyChange),
    ),
    ApiRoute(
        "DELETE",
        f"{PATH}/<key_id>",
        revoke,
        PLATFORM,
        operation="revokeApiKey",
        summary="Revoke an API key",
        tag="Organizations",
        responses={204: None},
    ),
)
