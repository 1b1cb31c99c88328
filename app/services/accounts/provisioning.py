"""Create an organization together with the invitation of its first owner."""

from app.domain.accounts.fields import check_email, check_name
from app.domain.common.errors import Invalid
from app.domain.common.ids import new_id
from app.models import Organization
from app.services.accounts import invitations, members, organizations
from app.services.accounts.actor import Actor
from app.store.transaction import write_transaction


def create(name: object, email: object, actor: Actor) -> tuple[Organization, str]:
    """Returns the organization and the token of the invitation's link. Invalid, with all errors."""
    errors, checked = [], []
    for check, value in ((check_name, name), (check_email, email)):
        try:
            checked.append(check(value))
        except Invalid as error:
            errors += error.errors
    if errors:
        raise Invalid(errors)
    with write_transaction() as session:
        organization = organizations.add(session, checked[0], new_id(), actor)
        _, token = invitations.add(session, organization.id, checked[1], members.OWNER, actor)
    return organization, token
