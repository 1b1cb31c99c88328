"""What a person can do with deliveries: have them sent again, or not sent any more."""

from app.models import Delivery
from app.queries.deliveries import DeliveryFilter
from app.services.actor import Actor


def resend(organization_id: str, delivery_id: str, actor: Actor) -> Delivery:
    """The same delivery once more: attempt numbers go on, the retry policy starts again; an open
    one is due now. Conflict: its webhook is deleted, or its payload has expired. NotFound."""
    raise NotImplementedError


def cancel(organization_id: str, delivery_id: str, actor: Actor) -> Delivery:
    """Conflict: it is not open. NotFound."""
    raise NotImplementedError


def resend_many(
    organization_id: str, wanted: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """How many were (dry_run: would be) made due, the oldest first, a bounded number in each
    transaction. Those of deleted webhooks are left out."""
    raise NotImplementedError


def cancel_many(
    organization_id: str, wanted: DeliveryFilter, actor: Actor, *, dry_run: bool = False
) -> int:
    """How many were (dry_run: would be) cancelled; only open ones are."""
    raise NotImplementedError
