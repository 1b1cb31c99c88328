"""The lock on an organization that serializes changes within it."""

from app.domain.common.errors import NotFound
from app.models import Organization
from app.store.sessions import WriteSession


def lock_organization(session: WriteSession, organization_id: str) -> Organization:
    """Locked until the transaction ends. NotFound."""
    organization = session.get(Organization, organization_id, with_for_update=True)
    if organization is None or organization.deleted_at is not None:
        raise NotFound
    return organization
