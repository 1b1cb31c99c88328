"""The logo that an organization uploads for its portal."""

import hashlib

from app.domain.common.clock import now_ms
from app.domain.portal.logos import check_logo
from app.models import PortalLogo
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store.transaction import write_transaction


def store(organization_id: str, content: bytes, actor: Actor) -> None:
    """Replace it. Invalid: not an image that is taken. NotFound: no such organization."""
    logo = check_logo(content)
    row = PortalLogo(
        organization_id=organization_id,
        media_type=logo.media_type,
        digest=hashlib.sha256(logo.content).hexdigest()[:32],
        content=logo.content,
        created_at=now_ms(),
    )
    with write_transaction() as session:
        # Two first logos at once would both be inserted.
        lock_organization(session, organization_id)
        session.merge(row)
        after = {"media_type": logo.media_type, "bytes": len(logo.content)}
        audit.record(
            session, organization_id, actor, "portal_logo.update", organization_id, after=after
        )


def remove(organization_id: str, actor: Actor) -> None:
    """Without effect if there is none. NotFound: no such organization."""
    with write_transaction() as session:
        lock_organization(session, organization_id)
        row = session.get(PortalLogo, organization_id)
        if row is not None:
            session.delete(row)
            audit.record(session, organization_id, actor, "portal_logo.delete", organization_id)
