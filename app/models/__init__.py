"""Database tables. Importing this package registers all of them."""

from app.models.accounts import (
    ApiKey,
    Invitation,
    KnownBrowser,
    Membership,
    Organization,
    PortalGeneration,
    PortalLogo,
    RecoveryCode,
    User,
    UserIdentity,
    UserSession,
)
from app.models.audit import AuditEntry
from app.models.deliveries import Attempt, Delivery, DeliveryBody, Resend, SavedView
from app.models.due import Due
from app.models.event_types import EventType, PlatformEventType
from app.models.events import Event, EventValue, IdempotencyKey, NewValues, RenderTemplate
from app.models.idempotency import IdempotentRequest
from app.models.issues import Acknowledgement
from app.models.jobs import Job, JobFile
from app.models.listeners import Listener
from app.models.maintenance.counters import Counter, Tally
from app.models.maintenance.installation import Installation
from app.models.maintenance.marks import RetainedPayload, RetentionMark, SealingMark, TaskSchedule
from app.models.maintenance.workers import Worker
from app.models.notifications import (
    AccountEmail,
    Notice,
    NoticeDigest,
    NotificationPreference,
    QueuedEmail,
)
from app.models.test_inbox import TestInbox, TestInboxRequest
from app.models.webhooks import ExpressionOverrun, Webhook, WebhookState

__all__ = [
    "AccountEmail",
    "Acknowledgement",
    "ApiKey",
    "Attempt",
    "AuditEntry",
    "Counter",
    "Delivery",
    "DeliveryBody",
    "Due",
    "Event",
    "EventType",
    "EventValue",
    "ExpressionOverrun",
    "IdempotencyKey",
    "IdempotentRequest",
    "Installation",
    "Invitation",
    "Job",
    "JobFile",
    "KnownBrowser",
    "Listener",
    "Membership",
    "NewValues",
    "Notice",
    "NoticeDigest",
    "NotificationPreference",
    "Organization",
    "PlatformEventType",
    "PortalGeneration",
    "PortalLogo",
    "QueuedEmail",
    "RecoveryCode",
    "RenderTemplate",
    "Resend",
    "RetainedPayload",
    "RetentionMark",
    "SavedView",
    "SealingMark",
    "Tally",
    "TaskSchedule",
    "TestInbox",
    "TestInboxRequest",
    "User",
    "UserIdentity",
    "UserSession",
    "Webhook",
    "WebhookState",
    "Worker",
]
