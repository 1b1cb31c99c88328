"""Tables. Importing this package registers all of them."""

from app.models.acknowledgement import Acknowledgement
from app.models.api_key import ApiKey
from app.models.attempt import Attempt
from app.models.audit_entry import AuditEntry
from app.models.catcher import Catcher, CaughtRequest
from app.models.counter import Counter
from app.models.delivery import Delivery, DeliveryBody
from app.models.due import Due
from app.models.event import Event, IdempotencyKey
from app.models.event_type import EventType
from app.models.notification import Mail, NotificationChoice
from app.models.organization import Invitation, Membership, Organization, User
from app.models.portal import PortalGeneration
from app.models.retention import HeldPayload, RetentionMark
from app.models.saved_view import SavedView
from app.models.upkeep import Chore, Notice, Tally
from app.models.webhook import Webhook, WebhookState
from app.models.worker import Worker

__all__ = [
    "Acknowledgement",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "Catcher",
    "CaughtRequest",
    "Chore",
    "Counter",
    "Delivery",
    "DeliveryBody",
    "Due",
    "Event",
    "EventType",
    "HeldPayload",
    "IdempotencyKey",
    "Invitation",
    "Mail",
    "Membership",
    "Notice",
    "NotificationChoice",
    "Organization",
    "PortalGeneration",
    "RetentionMark",
    "SavedView",
    "Tally",
    "User",
    "Webhook",
    "WebhookState",
    "Worker",
]
