"""Templates of the render dialect."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.models import RenderTemplate
from app.models.common.base import db


@dataclass(frozen=True, slots=True)
class Outline:
    """A template without its edit. Milliseconds since the epoch."""

    id: str
    name: str
    created_at: int
    updated_at: int


def outlines(organization_id: str) -> list[Outline]:
    """Oldest first; there are `render_templates.MAX_TEMPLATES` at most."""
    columns = (
        RenderTemplate.id,
        RenderTemplate.name,
        RenderTemplate.created_at,
        RenderTemplate.updated_at,
    )
    statement = select(*columns).where(RenderTemplate.organization_id == organization_id)
    return [Outline(*row) for row in db.session.execute(statement.order_by(RenderTemplate.id))]


def get(organization_id: str, template_id: str) -> RenderTemplate | None:
    return db.session.scalar(
        select(RenderTemplate).where(
            RenderTemplate.id == template_id, RenderTemplate.organization_id == organization_id
        )
    )


def count(organization_id: str) -> int:
    statement = select(func.count()).select_from(RenderTemplate)
    own = statement.where(RenderTemplate.organization_id == organization_id)
    return db.session.scalar(own) or 0
