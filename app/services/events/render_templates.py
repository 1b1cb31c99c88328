"""Create, change and delete templates of the render dialect."""

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.common.ids import new_id
from app.models import RenderTemplate
from app.queries.events import render_templates as queries
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

MAX_TEMPLATES = 1000
UNKNOWN = "Template not found."


def create(organization_id: str, name: str, edit: bytes, actor: Actor) -> RenderTemplate:
    """name, edit: checked. Conflict: the organization has MAX_TEMPLATES already."""
    now = now_ms()
    row = RenderTemplate(
        id=new_id(),
        organization_id=organization_id,
        name=name,
        edit=edit,
        created_at=now,
        updated_at=now,
    )
    with write_transaction() as session:
        # Two requests cannot exceed the limit together.
        lock_organization(session, organization_id)
        if queries.count(organization_id) >= MAX_TEMPLATES:
            raise Conflict(f"There are {MAX_TEMPLATES:,} templates already. Delete one first.")
        session.add(row)
        after = {"name": name}
        audit.record(session, organization_id, actor, "render_template.create", row.id, after=after)
    return row


def update(
    organization_id: str, template_id: str, name: str, edit: bytes, actor: Actor
) -> RenderTemplate:
    """name, edit: checked. NotFound."""
    with write_transaction() as session:
        row = _get(session, organization_id, template_id)
        before, after = {"name": row.name}, {"name": name}
        row.name, row.edit, row.updated_at = name, edit, now_ms()
        audit.record(
            session,
            organization_id,
            actor,
            "render_template.update",
            row.id,
            before=before,
            after=after,
        )
    return row


def delete(organization_id: str, template_id: str, actor: Actor) -> None:
    """NotFound."""
    with write_transaction() as session:
        row = _get(session, organization_id, template_id)
        before = {"name": row.name}
        audit.record(
            session, organization_id, actor, "render_template.delete", row.id, before=before
        )
        session.delete(row)


def _get(session: WriteSession, organization_id: str, template_id: str) -> RenderTemplate:
    row = session.get(RenderTemplate, template_id, with_for_update=True)
    if row is None or row.organization_id != organization_id:
        raise NotFound(UNKNOWN)
    return row
