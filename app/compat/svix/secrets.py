"""An endpoint's signing secret and its headers."""

import re
from collections.abc import Callable

from app.compat.common.views import Document
from app.compat.svix import endpoints, translate
from app.compat.svix.common.fields import Body
from app.http.messages import Request, Response
from app.models import Webhook
from app.services.webhooks import rotation, secret_headers
from app.services.webhooks import service as webhook_service
from app.services.webhooks.reveals import reveal_secrets

DAY, MAX_OVERLAP = 86_400, 7 * 86_400
# Clients before 2.0 expect no body after a rotation, and that for Java fails with one.
_OLD_CLIENT = re.compile(r"svix-libs/[01]\.")


def show(request: Request) -> Response:
    row = endpoints.of_path(request)
    secrets = reveal_secrets(request.organization_id, row.id, request.actor)
    return Response(200, {"key": secrets.current})


def rotate(request: Request) -> Response:
    row, body = endpoints.of_path(request), Body(request.fields)
    key = body.text("key")
    overlap = body.whole("gracePeriodSeconds", 0, MAX_OVERLAP)
    body.done()
    new = rotation.rotate_secret(
        request.organization_id,
        row.id,
        request.actor,
        DAY if overlap is None else overlap,
        translate.secret(key) if key else None,
    )
    if _OLD_CLIENT.match(request.headers.get("user-agent") or ""):
        return Response(204)
    return Response(200, {"key": new})


def show_headers(request: Request) -> Response:
    """Values of credentials are never shown."""
    public, secret = secret_headers.headers_of(endpoints.of_path(request))
    names = [name for name, _ in secret]
    return Response(200, {"headers": dict(public), "sensitive": names})


def put_headers(request: Request) -> Response:
    body = Body(request.fields)
    values = body.pairs("headers") or {}
    body.done()
    return _changed(request, lambda _: values)


def patch_headers(request: Request) -> Response:
    body = Body(request.fields)
    values = body.pairs("headers") or {}
    deleted = {name.lower() for name in body.strings("deleteHeaders") or ()}
    body.done()
    replaced = deleted | {name.lower() for name in values}

    def merged(row: Webhook) -> dict[str, str]:
        public, secret = secret_headers.headers_of(row)
        kept = {n: text for n, text in (*public, *secret) if n.lower() not in replaced}
        return kept | values

    return _changed(request, merged)


def _changed(request: Request, values_of: Callable[[Webhook], dict[str, str]]) -> Response:
    def fields(row: Webhook) -> Document:
        return translate.headers(values_of(row))

    row = endpoints.of_path(request)
    webhook_service.update(request.organization_id, row.id, fields, request.actor)
    return Response(204)
