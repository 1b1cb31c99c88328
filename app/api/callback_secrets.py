"""/api/v1/organizations/<id>/callback-secret: what one-off callbacks are signed with."""

from app.api import fields
from app.api.routes import PREFIX, ApiRoute
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.services.accounts import organizations

PATH = f"{PREFIX}/organizations/<organization_id>/callback-secret"
# A key that manages webhooks reads this secret already, of each webhook that a render makes.
SCOPE = "webhooks:manage"
NOT_KEPT = (("Cache-Control", "no-store"),)


def show(request: Request) -> Response:
    # HEAD shows nothing, so it must not be recorded as a reveal.
    if request.method == "HEAD":
        secret = organizations.callback_secret(request.organization_id)
    else:
        secret = organizations.reveal_callback_secret(request.organization_id, request.actor)
    return Response(200, shapes.Secret(secret), NOT_KEPT)


def rotate(request: Request) -> Response:
    given = fields.Fields(request.document(optional=True), ("overlap_seconds",))
    overlap = given.take("overlap_seconds", fields.OVERLAP) or 0
    given.done()
    organization_id = request.ids["organization_id"]
    secret = organizations.rotate_callback_secret(organization_id, request.actor, overlap)
    return Response(200, shapes.Secret(secret), NOT_KEPT)


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        show,
        SCOPE,
        summary="The secret that signs one-off callbacks and renders' callbacks",
        tag="Organizations",
        responses={200: shapes.Secret},
    ),
    ApiRoute(
        "POST",
        f"{PATH}/rotate",
        rotate,
        PLATFORM,
        summary="Make a new callback secret, with an overlap",
        tag="Organizations",
        responses={200: shapes.Secret},
        body=JsonBody(inputs.CallbackRotateInput, optional=True),
    ),
)
