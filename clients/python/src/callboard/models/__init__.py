"""The documents of the API, as typed dictionaries. The server may add fields at any time."""

from callboard.models.accounts import (
    ApiKey,
    NewApiKey,
    Organization,
    PortalLink,
    Scope,
)
from callboard.models.deliveries import (
    AffectedDeliveries,
    Attempt,
    Body,
    Delivery,
    DeliveryState,
    Header,
    ListedDelivery,
    ReceivedResponse,
    SentRequest,
    Timings,
)
from callboard.models.event_types import (
    EventType,
    EventTypeImport,
    ImportedEventType,
    ListedEventType,
    MatchingWebhook,
)
from callboard.models.events import (
    AcceptedEvent,
    CreatedDelivery,
    Event,
    ListedEvent,
    UnmatchedWebhook,
)
from callboard.models.jobs import Job, JobDeliveries, JobKind, JobState, ListedJob
from callboard.models.statistics import Issue, Statistics
from callboard.models.webhooks import (
    ListedWebhook,
    Recovery,
    Webhook,
    WebhookSettings,
    WebhookState,
    WebhookTest,
)

__all__ = [
    "AcceptedEvent",
    "AffectedDeliveries",
    "ApiKey",
    "Attempt",
    "Body",
    "CreatedDelivery",
    "Delivery",
    "DeliveryState",
    "Event",
    "EventType",
    "EventTypeImport",
    "Header",
    "ImportedEventType",
    "Issue",
    "Job",
    "JobDeliveries",
    "JobKind",
    "JobState",
    "ListedDelivery",
    "ListedEvent",
    "ListedEventType",
    "ListedJob",
    "ListedWebhook",
    "MatchingWebhook",
    "NewApiKey",
    "Organization",
    "PortalLink",
    "ReceivedResponse",
    "Recovery",
    "Scope",
    "SentRequest",
    "Statistics",
    "Timings",
    "UnmatchedWebhook",
    "Webhook",
    "WebhookSettings",
    "WebhookState",
    "WebhookTest",
]
