"""/api/v1/organizations/<id>/callback-secret: the secret that signs one-off callbacks."""

from app.api.common.fields import OVERLAP, Fields
from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import requests
from app.api.schemas import responses as schemas
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.services.accounts import organizations

PATH = f"{PREFIX}/organizations/<organization_id>/callback-secret"
# Such a key can read the same secret from every webhook that a render creates.
SCOPE = "webhooks:manage"


def show(request: Request) -> Response:
    # HEAD shows nothing, so it must not be recorded as a reveal.
    if request.method == "HEAD":
        secret = organizations.callback_secret(request.organization_id)
    else:
        secret = organizations.reveal_callback_secret(request.organization_id, request.actor)
    return Response(200, schemas.Secret(secret))


def rotate(request: Request) -> Response:
    fields = Fields(request.document(optional=True), ("overlap_seconds",))
    overlap_seconds = fields.take("overlap_seconds", OVERLAP) or 0
    fields.done()
    organization_id = request.ids["organization_id"]
    secret = organizations.rotate_callback_secret(organization_id, request.actor, overlap_seconds)
    return Response(200, schemas.Secret(secret))


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        show,
        SCOPE,
        operation="getCallbackSecret",
        summary="Get the secret that signs one-off callbacks and callbacks of renders",
        tag="Organizations",
        responses={200: schemas.Secret},
    ),
    ApiRoute(
        "POST",
        f"{PATH}/rotate",
        rotate,
        PLATFORM,
        operation="rotateCallbackSecret",
        summary="Rotate the callback secret",
        tag="Organizations",
        responses={200: schemas.Secret},
        body=JsonBody(requests.CallbackRotateInput, optional=True),
    ),
)
