"""/api/v1/listeners: machines that fetch their callbacks, because no request reaches them."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from app.api.common.routes import PREFIX, ApiRoute
from app.api.schemas import listeners as schemas
from app.api.schemas import responses
from app.api.views.attempts import body
from app.domain.common.clock import iso
from app.domain.common.errors import FieldError, Invalid, invalid
from app.domain.common.ids import canonical_id
from app.domain.common.numbers import as_whole
from app.domain.listeners.passing import MAX_BODY
from app.http.bodies import JsonBody
from app.http.messages import Request, Response, Waiting
from app.http.parameters import integer
from app.models import Listener, Webhook
from app.models.common.base import db
from app.queries import listeners as listener_queries
from app.runtime.relaying.relay import WAIT_SECONDS, Callback, LocalResponse, callbacks_topic
from app.services.listeners import relaying
from app.services.listeners import service as listener_service

# Its callbacks hold payloads, and it can be created for any of them: as for webhooks.
SCOPE = "webhooks:manage"
PATH = f"{PREFIX}/listeners"
ITEM = f"{PATH}/<listener_id>"
_ERROR_STATUS = 502


def create(request: Request) -> Response:
    fields = request.document(optional=True)
    created = listener_service.create(request.organization_id, fields, request.actor)
    document = schemas.Listener(**_fields(created.listener, created.webhook), secret=created.secret)
    return Response(201, document)


def index(request: Request) -> Response:
    rows = listener_queries.listed(request.organization_id)
    data = [schemas.ListedListener(**_fields(*row)) for row in rows]
    return Response(200, responses.Page(data, None))


def delete(request: Request) -> Response:
    listener_service.delete(request.organization_id, request.ids["listener_id"], request.actor)
    return Response(204)


def callbacks(request: Request) -> Waiting:
    """Waits until there is one."""
    turn = relaying.Turn(request.organization_id, request.ids["listener_id"])
    # No connection to the database is occupied meanwhile.
    db.session.remove()

    def look() -> Response | None:
        taken = turn.take()
        if taken is None:
            return Response(200, schemas.Callbacks([], is_replaced=True))
        return Response(200, _callbacks(taken)) if taken else None

    def late() -> Response:
        turn.end()
        return Response(200, _callbacks([]))

    return Waiting(
        callbacks_topic(turn.listener_id),
        request.query["wait"],
        look,
        late,
        ends_at_stop=True,
    )


def respond(request: Request) -> Response:
    relaying.respond(
        request.organization_id,
        request.ids["listener_id"],
        request.ids["callback_id"],
        _response_of(request.document()),
    )
    return Response(204)


def _response_of(document: dict[str, Any]) -> LocalResponse:
    """Invalid."""
    status = as_whole(document.get("status"))
    if status is not None:
        document = {**document, "status": status}
    try:
        fields = msgspec.convert(document, schemas.LocalResponseInput)
    except msgspec.ValidationError as error:
        remedy = "Send status, headers, body and body_encoding, or error."
        raise Invalid([FieldError("", "format", f"{error}.", remedy)]) from error
    if fields.error is not msgspec.UNSET:
        text = f"callboard listen: {fields.error}\n"
        headers = (("Content-Type", "text/plain; charset=utf-8"),)
        return LocalResponse(_ERROR_STATUS, headers, text.encode("utf-8", "replace"))
    if fields.status is msgspec.UNSET:
        raise invalid("status", "required", "It is missing.", "Send status, or error.")
    pairs = () if fields.headers is msgspec.UNSET else fields.headers
    return LocalResponse(
        fields.status, tuple((each.name, each.value) for each in pairs), _body(fields)[:MAX_BODY]
    )


def _body(fields: schemas.LocalResponseInput) -> bytes:
    if fields.body is msgspec.UNSET:
        return b""
    if fields.body_encoding in (msgspec.UNSET, "utf-8"):
        return fields.body.encode("utf-8", "replace")
    try:
        if fields.body_encoding != "base64":
            raise ValueError
        return base64.b64decode(fields.body, validate=True)
    except (binascii.Error, ValueError) as error:
        problem = "The body is not in this encoding."
        raise invalid("body_encoding", "format", problem, "Use utf-8 or base64.") from error


def _callbacks(taken: list[Callback]) -> schemas.Callbacks:
    return schemas.Callbacks([_callback(each) for each in taken], is_replaced=False)


def _callback(callback: Callback) -> schemas.Callback:
    named: Mapping[str, str] = {name.lower(): value for name, value in callback.headers}
    attempt = named.get("x-callboard-attempt", "")
    return schemas.Callback(
        id=callback.id,
        created_at=iso(callback.at),
        delivery_id=canonical_id(named.get("x-callboard-delivery-id")),
        event_type=named.get("x-callboard-event-type"),
        attempt=int(attempt) if attempt.isdigit() else None,
        method=callback.method,
        query=callback.query,
        headers=[responses.Header(*pair) for pair in callback.headers],
        body=body(callback.body),
    )


def _fields(listener: Listener, webhook: Webhook) -> dict[str, Any]:
    return {
        "id": listener.id,
        "name": webhook.name,
        "event_types": webhook.event_types,
        "created_at": iso(listener.created_at),
        "seen_at": iso(listener.seen_at),
    }


ROUTES = (
    ApiRoute(
        "POST",
        PATH,
        create,
        SCOPE,
        operation="createListener",
        summary="Create a listener, which fetches its callbacks",
        tag="Listeners",
        responses={201: schemas.Listener},
        body=JsonBody(schemas.ListenerInput, optional=True),
        errors=(409,),
    ),
    ApiRoute(
        "GET",
        PATH,
        index,
        SCOPE,
        operation="listListeners",
        summary="List listeners, newest first",
        tag="Listeners",
        responses={200: responses.Page[schemas.ListedListener]},
    ),
    ApiRoute(
        "DELETE",
        ITEM,
        delete,
        SCOPE,
        operation="deleteListener",
        summary="Delete a listener; its open deliveries are cancelled",
        tag="Listeners",
        responses={204: None},
    ),
    ApiRoute(
        "GET",
        f"{ITEM}/callbacks",
        callbacks,
        SCOPE,
        operation="fetchCallbacks",
        summary="Wait for callbacks to a listener",
        tag="Listeners",
        responses={200: schemas.Callbacks},
        query=(integer("wait", 0, WAIT_SECONDS, "Seconds to wait at most.", WAIT_SECONDS),),
    ),
    ApiRoute(
        "POST",
        f"{ITEM}/callbacks/<callback_id>/response",
        respond,
        SCOPE,
        operation="reportCallbackResponse",
        summary="Report what the local receiver responded to a callback",
        tag="Listeners",
        responses={204: None},
        body=JsonBody(schemas.LocalResponseInput),
        errors=(409,),
    ),
)
