"""/api/v1/organizations/<id>/api-keys: made, listed and revoked by a platform key alone."""

from app.api.credentials import PLATFORM
from app.api.fields import Fields
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import accounts as account_shapes
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.api.views import rows as views
from app.domain.accounts.fields import check_choices, check_expiry, check_name
from app.domain.accounts.permissions import SCOPES
from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.queries import accounts
from app.services.accounts import api_keys

PATH = f"{PREFIX}/organizations/<organization_id>/api-keys"


def create(call: Call) -> Answer:
    given = Fields(call.document(), ("name", "scopes", "expires_at"))
    name = given.take("name", check_name)
    scopes = given.take("scopes", lambda value, field: check_choices(value, tuple(SCOPES), field))
    expires_at = given.take("expires_at", lambda value, field: check_expiry(value, now_ms(), field))
    given.done()
    organization_id = call.ids["organization_id"]
    new = api_keys.create(organization_id, name, scopes, expires_at, actor=call.actor)
    return Answer(201, views.new_api_key(new, organization_id), (("Cache-Control", "no-store"),))


def index(call: Call) -> Answer:
    organization_id = call.ids["organization_id"]
    if accounts.organization(organization_id) is None:
        raise NotFound
    rows = accounts.api_keys(organization_id)
    return Answer(200, shapes.Page([views.api_key(row) for row in rows], None))


def revoke(call: Call) -> Answer:
    api_keys.revoke(call.ids["organization_id"], call.ids["key_id"], call.actor)
    return Answer(204)


ROUTES = (
    Route(
        "POST",
        PATH,
        create,
        "Create an API key; its secret is shown this once",
        "Organizations",
        {201: account_shapes.NewApiKey},
        PLATFORM,
        body=inputs.ApiKeyInput,
    ),
    Route(
        "GET",
        PATH,
        index,
        "List the API keys of an organization, newest first, revoked ones too",
        "Organizations",
        {200: shapes.Page[account_shapes.ApiKey]},
        PLATFORM,
    ),
    Route(
        "DELETE",
        f"{PATH}/<key_id>",
        revoke,
        "Revoke an API key: from the next request on it opens nothing",
        "Organizations",
        {204: None},
        PLATFORM,
    ),
)
