"""Read, change and enforce an organization's quotas."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import update

from app.domain.accounts.quotas import NAMES, Quotas, check_quotas
from app.domain.common.errors import NotFound, QuotaExceeded
from app.models import Organization, Webhook
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as account_queries
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction


@dataclass(frozen=True, slots=True)
class Usage:
    """quotas: in force. own: names of those that are not the installation's default. busiest_host:
    of requests in flight, with its port if the URL has one; None: nothing is in flight."""

    quotas: Quotas
    own: tuple[str, ...]
    webhooks: int
    busiest_host: str | None
    requests_to_it: int


def usage(organization_id: str) -> Usage:
    """NotFound."""
    organization = account_queries.organization(organization_id)
    if organization is None:
        raise NotFound
    chosen = _chosen(organization)
    requests: Counter[str] = Counter()
    for url, number in webhook_queries.urls_in_flight(organization_id):
        requests[urlsplit(url).netloc.rpartition("@")[2].lower()] += number
    busiest, number = next(iter(requests.most_common(1)), (None, 0))
    own = tuple(name for name in NAMES if chosen[name] is not None)
    return Usage(of(organization), own, webhook_queries.count(organization_id), busiest, number)


def of(organization: Organization) -> Quotas:
    """The quotas in force."""
    chosen = {name: value for name, value in _chosen(organization).items() if value is not None}
    return Quotas(**(asdict(runtime().settings.quotas) | chosen))


def choose(organization_id: str, document: Mapping[str, Any], actor: Actor) -> Quotas:
    """Change the quotas that `document` names; None resets one to the installation's default.
    Existing webhooks above a lower quota stay. Invalid, NotFound."""
    checked = check_quotas(dict(document))
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        before = _chosen(organization)
        for name, value in checked.items():
            setattr(organization, f"max_{name}", value)
        # Workers cache the quota of requests with each webhook.
        if before["requests_per_host"] != organization.max_requests_per_host:
            session.execute(
                update(Webhook)
                .where(Webhook.organization_id == organization_id, Webhook.deleted_at.is_(None))
                .values(version=Webhook.version + 1)
            )
        audit.record(
            session,
            organization_id,
            actor,
            "organization.update",
            organization_id,
            before,
            _chosen(organization),
        )
        return of(organization)


def check_webhooks(session: WriteSession, organization_id: str) -> None:
    """QuotaExceeded: no further webhook may be created. Call it in the transaction that creates
    one; concurrent ones hold the organization's lock or may exceed the quota by their number."""
    organization = session.get_one(Organization, organization_id)
    quota, number = of(organization).webhooks, webhook_queries.count(organization_id)
    if number >= quota:
        raise QuotaExceeded(
            f"This organization has {number:,} webhooks; its quota is {quota:,}. Delete those that"
            " are no longer needed, or ask the operator of this installation to raise the quota."
        )


def _chosen(organization: Organization) -> dict[str, int | None]:
    return {name: getattr(organization, f"max_{name}") for name in NAMES}
