"""Which webhooks of an organization are damaged, for pages that say so."""

from app.models import Organization
from app.queries.statistics.overview import damaged_webhooks
from app.runtime.context import runtime


def damaged_of(organization: Organization) -> list[str]:
    """Ids, as they were at most a minute ago; a webhook that was saved since is looked at again."""
    key = (organization.id, organization.webhooks_version)
    caches = runtime().caches
    return caches.damaged_webhooks.get(key, lambda: damaged_webhooks(organization.id)) or []
