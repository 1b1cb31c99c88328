"""The organization that a platform key's request names in its path."""

from app.domain.common.errors import NotFound
from app.http.messages import Request
from app.models import Organization
from app.queries.accounts import users as account_queries


def organization_of_path(request: Request) -> Organization:
    """Suspended ones too. NotFound."""
    row = account_queries.organization(request.ids["organization_id"])
    if row is None:
        raise NotFound
    return row
