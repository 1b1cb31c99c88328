"""Saving and deleting views of the list of deliveries."""

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

MOST = 50
LONGEST_NAME = 60


def create(
    organization_id: str, user_id: str, name: str, filter_: Mapping[str, str], actor: Actor
) -> SavedView:
    """filter_: what stands in the list's address, each value as it was typed. Invalid on `name`, or
    on the whole when there is nothing to save or there are MOST already."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        remedy = f"Give 1 to {LONGEST_NAME} characters."
        raise invalid("name", "length", "A view needs a short name.", remedy)
    if not filter_:
        raise invalid("", "required", "No filter holds.", "Narrow the list first, then save it.")
    with write_transaction() as session:
        errors = _refusals(organization_id, user_id, name)
        if errors:
            raise Invalid(errors)
        return _add(session, organization_id, user_id, name, filter_, actor)


def _add(  # noqa: PLR0917 - in the order in which `create` has them
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
    told = {"name": name, "filter": dict(filter_)}
    audit.record(session, organization_id, actor, "view.create", view.id, after=told)
    return view


def _refusals(organization_id: str, user_id: str, name: str) -> list[FieldError]:
    views = saved_views.listed(organization_id, user_id)
    if any(view.name.casefold() == name.casefold() for view in views):
        problem = f"You have a view called {name} already."
        return [FieldError("name", "taken", problem, "Give another name, or delete that one.")]
    if len(views) >= MOST:
        return [FieldError("", "most", f"You have {MOST} views.", "Delete one that you don't use.")]
    return []


def delete(organization_id: str, user_id: str, view_id: str, actor: Actor) -> str:
    """Its name. NotFound."""
    with write_transaction() as session:
        view = saved_views.get(organization_id, user_id, view_id)
        if view is None:
            raise NotFound
        told = {"name": view.name, "filter": view.filter}
        audit.record(session, organization_id, actor, "view.delete", view.id, before=told)
        session.delete(view)
        return view.name
