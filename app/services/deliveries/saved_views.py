"""Save and delete views of the delivery list."""

from collections.abc import Mapping

from app.domain.common.clock import now_ms
from app.domain.common.errors import FieldError, Invalid, NotFound, invalid
from app.domain.common.ids import new_id
from app.models import SavedView
from app.queries import saved_views
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

MAX_VIEWS = 50
MAX_NAME_LENGTH = 60


def create(
    organization_id: str, user_id: str, name: str, filter_: Mapping[str, str], actor: Actor
) -> SavedView:
    """filter_: the list's query parameters. Invalid on `name`; or on the whole if there is nothing
    to save, or the user has MAX_VIEWS already."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        remedy = f"Use 1 to {MAX_NAME_LENGTH} characters."
        raise invalid("name", "length", "The name is empty or too long.", remedy)
    if not filter_:
        raise invalid("", "required", "There is no filter to save.", "Filter the list first.")
    with write_transaction() as session:
        errors = _refusals(organization_id, user_id, name)
        if errors:
            raise Invalid(errors)
        return _add(session, organization_id, user_id, name, filter_, actor)


def _add(  # noqa: PLR0917 - the arguments of `create`
    session: WriteSession,
    organization_id: str,
    user_id: str,
    name: str,
    filter_: Mapping[str, str],
    actor: Actor,
) -> SavedView:
    view = SavedView(
        id=new_id(),
        organization_id=organization_id,
        user_id=user_id,
        name=name,
        filter=dict(filter_),
        created_at=now_ms(),
    )
    session.add(view)
    fields = {"name": name, "filter": dict(filter_)}
    audit.record(session, organization_id, actor, "view.create", view.id, after=fields)
    return view


def _refusals(organization_id: str, user_id: str, name: str) -> list[FieldError]:
    views = saved_views.listed(organization_id, user_id)
    if any(view.name.casefold() == name.casefold() for view in views):
        problem = f"You already have a view named {name}."
        return [FieldError("name", "taken", problem, "Use another name, or delete that view.")]
    if len(views) >= MAX_VIEWS:
        return [
            FieldError("", "most", f"You have {MAX_VIEWS} views already.", "Delete a view first.")
        ]
    return []


def delete(organization_id: str, user_id: str, view_id: str, actor: Actor) -> str:
    """Returns its name. NotFound."""
    with write_transaction() as session:
        view = saved_views.get(organization_id, user_id, view_id)
        if view is None:
            raise NotFound
        fields = {"name": view.name, "filter": view.filter}
        audit.record(session, organization_id, actor, "view.delete", view.id, before=fields)
        session.delete(view)
        return view.name
