"""Webhooks in paths: by our ID or by the caller's own, the `uid`."""

from dataclasses import replace

from app.api.common.routes import ApiRoute
from app.domain.common.errors import NotFound
from app.domain.common.ids import canonical_id
from app.domain.common.uids import is_uid
from app.http.messages import Handler, Outcome, Request
from app.queries import webhooks as webhook_queries

NAME = "webhook_id"


def with_uid(route: ApiRoute) -> ApiRoute:
    """The same route, whose path also takes a uid, if a webhook is in its path."""
    if f"<{NAME}>" not in route.path:
        return route
    return replace(route, handler=_resolving(route.handler))


def _resolving(handler: Handler) -> Handler:
    def handle(request: Request) -> Outcome:
        text = request.ids[NAME]
        id_ = canonical_id(text) or _id_of(request.organization_id, text)
        if id_ is None:
            raise NotFound
        request.ids = {**request.ids, NAME: id_}
        return handler(request)

    return handle


def _id_of(organization_id: str, uid: str) -> str | None:
    webhook = webhook_queries.by_uid(organization_id, uid) if is_uid(uid) else None
    return None if webhook is None else webhook.id
