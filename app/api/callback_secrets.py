"""/api/v1/organizations/<id>/callback-secret: what one-off callbacks are signed with."""

from app.api import fields
from app.api.credentials import PLATFORM
from app.api.route import PREFIX, Answer, Call, Route
from app.api.schemas import requests as inputs
from app.api.schemas import responses as shapes
from app.services.accounts import organizations

PATH = f"{PREFIX}/organizations/<organization_id>/callback-secret"
# A key that manages webhooks reads this secret already, of each webhook that a render makes.
SCOPE = "webhooks:manage"
NOT_KEPT = (("Cache-Control", "no-store"),)


def show(call: Call) -> Answer:
    secret = organizations.reveal_callback_secret(call.organization_id, call.actor)
    return Answer(200, shapes.Secret(secret), NOT_KEPT)


def rotate(call: Call) -> Answer:
    given = fields.Fields(call.document(optional=True), ("overlap_seconds",))
    overlap = given.take("overlap_seconds", fields.OVERLAP) or 0
    given.done()
    organization_id = call.ids["organization_id"]
    secret = organizations.rotate_callback_secret(organization_id, call.actor, overlap)
    return Answer(200, shapes.Secret(secret), NOT_KEPT)


ROUTES = (
    Route(
        "GET",
        PATH,
        show,
        "The secret that signs one-off callbacks and renders' callbacks",
        "Organizations",
        {200: shapes.Secret},
        SCOPE,
    ),
    Route(
        "POST",
        f"{PATH}/rotate",
        rotate,
        "Make a new callback secret, with an overlap",
        "Organizations",
        {200: shapes.Secret},
        PLATFORM,
        body=inputs.CallbackRotateInput,
        body_optional=True,
    ),
)
