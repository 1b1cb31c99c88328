"""/api/v1/app: an application is an organization."""

from typing import Any

from app.compat.common.views import Document
from app.compat.svix.common import ids, paging
from app.compat.svix.common.fields import Body
from app.domain.common.clock import iso
from app.domain.common.errors import NotFound
from app.domain.common.uids import check_uid
from app.http import credentials
from app.http.messages import Request, Response
from app.models import Organization
from app.queries.accounts import organizations as organization_queries
from app.queries.accounts import users as accounts
from app.queries.common.turns import Turned
from app.services.accounts import deleting, organizations

_RATE = "The rate of a whole application is not supported: set throttleRate on its endpoints."


def resolve(text: str, own_id: str | None) -> str:
    """The id of the organization that a path names by id or uid. own_id: of the only one that the
    caller may see; None: all. NotFound."""
    row = _row(text)
    if row is None or own_id not in (None, row.id):
        raise NotFound("Entity not found.")
    return row.id


def _row(text: str) -> Organization | None:
    id_ = ids.read(ids.APPLICATION, text)
    return accounts.organization(id_) if id_ else accounts.organization_by_uid(text)


def organization_of(request: Request) -> str:
    """For the kernel. "": the whole installation, of a platform key."""
    assert request.principal is not None, "authenticate comes first"
    own, named = request.principal.organization_id, request.ids.get("app_id")
    if named is None:
        return own or ""
    return credentials.existing(resolve(named, own), "Entity not found.")


def index(request: Request) -> Response:
    """An organization's own key sees its own application only."""
    direction, limit = paging.turn_of(request, paging.read_id(ids.APPLICATION))
    only = [request.organization_id] if request.organization_id else None
    turned: Turned = organization_queries.page(direction, limit, only)
    documents = [document(row) for row in turned.rows]
    return Response(200, paging.page(documents, turned, ids.APPLICATION))


def create(request: Request) -> Response:
    """`get_if_exists=true`: respond with the application that has the uid."""
    body = Body(request.fields)
    fields = _read(body)
    body.done()
    if paging.flag_of(request, "get_if_exists") and fields["uid"] is not None:
        row = accounts.organization_by_uid(fields["uid"])
        if row is not None:
            return Response(200, document(row))
    row = organizations.create(actor=request.actor, **fields)
    return Response(201, document(row))


def show(request: Request) -> Response:
    row = accounts.organization(request.organization_id)
    if row is None:
        raise NotFound
    return Response(200, document(row))


def put(request: Request) -> Response:
    """Creates an application that does not exist; a uid in the path becomes its uid."""
    body, path = Body(request.fields), request.ids["app_id"]
    fields, row = _read(body), _row(request.ids["app_id"])
    body.done()
    if row is not None:
        return Response(200, document(_updated(request, row, fields)))
    if ids.read(ids.APPLICATION, path) is not None:
        raise NotFound("Entity not found.")
    fields["uid"] = fields["uid"] or check_uid(path)
    return Response(201, document(organizations.create(actor=request.actor, **fields)))


def patch(request: Request) -> Response:
    row = _row(request.ids["app_id"])
    if row is None:
        raise NotFound("Entity not found.")
    now = {"name": row.name, "uid": row.uid, "metadata": row.meta}
    body = Body(now | request.fields)
    fields = _read(body)
    body.done()
    return Response(200, document(_updated(request, row, fields)))


def delete(request: Request) -> Response:
    """With everything that belongs to it. Svix's clients send no confirmation."""
    row = _row(request.ids["app_id"])
    if row is None:
        raise NotFound("Entity not found.")
    deleting.delete_organization(row.id, None, request.actor)
    return Response(204)


def _updated(request: Request, row: Organization, fields: dict[str, Any]) -> Organization:
    return organizations.update(row.id, request.actor, **fields)


def _read(body: Body) -> dict[str, Any]:
    body.refuse(_RATE, "throttleRate", "rateLimit")
    name = body.text("name", required=True)
    return {"name": name, "uid": body.uid(), "metadata": body.pairs("metadata")}


def whoami(request: Request) -> Response:
    """The application that a key is limited to; a platform key is for all of them."""
    assert request.principal is not None, "the route needs a key"
    own = request.principal.organization_id
    limit = {} if own is None else {"appId": ids.shown(ids.APPLICATION, own)}
    return Response(200, {"permissionSource": "Unknown", **limit})


def document(row: Organization) -> Document:
    return {
        "id": ids.shown(ids.APPLICATION, row.id),
        "uid": row.uid,
        "name": row.name,
        "throttleRate": None,
        "rateLimit": None,
        "metadata": row.meta or {},
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.created_at),
    }
