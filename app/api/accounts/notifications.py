"""/api/v1/organizations/<id>/members/<id>/notifications: what a member is emailed about."""

from app.api.accounts import members
from app.api.common.fields import Fields
from app.api.common.routes import ApiRoute
from app.api.schemas import people as schemas
from app.domain.common.errors import NotFound, invalid
from app.domain.notifications.system_events import KINDS, check_kinds
from app.http.bodies import JsonBody
from app.http.credentials import PLATFORM
from app.http.messages import Request, Response
from app.queries import notifications as notification_queries
from app.services.notifications import preferences

PATH = f"{members.ITEM}/notifications"


def show(request: Request) -> Response:
    ids = request.ids
    recipient = notification_queries.recipient(ids["organization_id"], ids["user_id"])
    if recipient is None:
        raise NotFound
    return Response(200, schemas.Notifications(list(recipient.kinds), not recipient.has_chosen))


def update(request: Request) -> Response:
    fields = Fields(request.document(), ("kinds",))
    kinds = fields.take("kinds", _kinds)
    fields.done()
    ids = request.ids
    preferences.choose(ids["organization_id"], ids["user_id"], kinds or (), request.actor)
    return show(request)


def send_test(request: Request) -> Response:
    ids = request.ids
    to = preferences.send_test(ids["organization_id"], ids["user_id"], request.actor)
    return Response(200, schemas.TestEmail(to))


def _kinds(value: object, field: str) -> list[str]:
    if not isinstance(value, list):
        remedy = f"Send a list with some of {', '.join(KINDS)}, or an empty one for no emails."
        raise invalid(field, "type", "Not a list.", remedy)
    return check_kinds(value, field)


ROUTES = (
    ApiRoute(
        "GET",
        PATH,
        show,
        PLATFORM,
        operation="getNotifications",
        summary="Get what a member is emailed about",
        tag="Members",
        responses={200: schemas.Notifications},
    ),
    ApiRoute(
        "PATCH",
        PATH,
        update,
        PLATFORM,
        operation="updateNotifications",
        summary="Change what a member is emailed about",
        tag="Members",
        responses={200: schemas.Notifications},
        body=JsonBody(schemas.NotificationsChange),
    ),
    ApiRoute(
        "POST",
        f"{PATH}/test",
        send_test,
        PLATFORM,
        operation="testNotifications",
        summary="Send the member a test email and wait for the mail server",
        tag="Members",
        responses={200: schemas.TestEmail},
        errors=(409,),
    ),
)
