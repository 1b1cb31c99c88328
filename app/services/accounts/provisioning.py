"""Create an organization together with the invitation of its first owner."""

from app.domain.accounts.fields import check_email, check_name
from app.domain.common.errors import check_all
from app.domain.common.ids import new_id
from app.models import Organization
from app.services.accounts import invitations, members, organizations
from app.services.accounts.actor import Actor
from app.store.transaction import write_transaction


def create(name: object, email: object, actor: Actor) -> tuple[Organization, str]:
    """Returns the organization and the token of the invitation's link. Invalid, with all errors."""
    checked_name, checked_email = check_all(lambda: check_name(name), lambda: check_email(email))
    with write_transaction() as session:
        organization = organizations.add(session, checked_name, new_id(), actor)
        _, token = invitations.add(session, organization.id, checked_email, members.OWNER, actor)
    return organization, token
