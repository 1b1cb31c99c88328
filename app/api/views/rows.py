"""Rows of the database as documents of the API."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from app.api.schemas import accounts as account_schemas
from app.api.schemas import responses as schemas
from app.api.views.attempts import attempt
from app.domain.accounts.permissions import SCOPES
from app.domain.bodies.spec import Body
from app.domain.common.clock import iso, iso_or_none
from app.domain.common.ids import ms_of
from app.domain.deliveries.states import STATES
from app.domain.webhooks.credentials.certificates import certificates_of, first_expiry
from app.domain.webhooks.matching import Refusal
from app.domain.webhooks.retries import parse_policy
from app.domain.webhooks.settings.catalogue import OWNER_SECRETS, PUBLIC
from app.models import ApiKey, Attempt, Event, Organization, Webhook
from app.queries.common.pages import Page, decode_cursor
from app.queries.deliveries.listing import DeliveryRow
from app.services.accounts.api_keys import NewKey
from app.services.accounts.quotas import Usage
from app.services.deliveries.sent_requests import Reader
from app.services.events.publishing import Published
from app.services.webhooks import secret_headers
from app.services.webhooks.service import Secrets

Row = TypeVar("Row")
View = TypeVar("View")


def page(page: Page[Row], view: Callable[[Row], View]) -> schemas.Page[View]:
    return schemas.Page([view(row) for row in page.rows], page.next_cursor)


def search_page(page: Page[Row], view: Callable[[Row], View]) -> schemas.SearchPage[View]:
    """Of rows whose ids contain the time of their creation."""
    edge = decode_cursor(page.next_cursor)
    searched_to = None if edge is None else iso(ms_of(edge))
    return schemas.SearchPage([view(row) for row in page.rows], page.next_cursor, searched_to)


def published(event: Published) -> schemas.Published:
    deliveries = [schemas.CreatedDelivery(d.id, d.webhook_id, d.state) for d in event.deliveries]
    mismatches = [schemas.SchemaMismatch(each.path, each.problem) for each in event.mismatches]
    return schemas.Published(event.id, event.type, deliveries, event.duplicate, mismatches)


def listed_event(event: Event) -> schemas.ListedEvent:
    return schemas.ListedEvent(
        id=event.id,
        type=event.type,
        source=event.source,
        occurred_at=iso(event.occurred_at),
        created_at=iso(event.created_at),
        producer_id=event.producer_id,
        ordering_key=event.ordering_key,
        callback=event.callback,
        callback_preset=event.callback_preset,
        schema_mismatches=[
            schemas.SchemaMismatch(path, problem) for path, problem in event.schema_mismatches or ()
        ],
    )


def event(
    row: Event, deliveries: Iterable[DeliveryRow], non_matching: Iterable[tuple[Webhook, Refusal]]
) -> schemas.Event:
    return schemas.Event(
        **msgspec.structs.asdict(listed_event(row)),
        # Checked to be JSON before it was stored, and copied byte for byte.
        payload=None if row.payload is None else msgspec.Raw(row.payload),
        payload_expired=row.payload is None,
        deliveries=[listed_delivery(delivery) for delivery in deliveries],
        not_chosen=[
            schemas.NonMatchingWebhook(
                webhook.id, webhook.name, webhook.url, refusal.reason, refusal.detail
            )
            for webhook, refusal in non_matching
        ],
    )


def listed_delivery(row: DeliveryRow) -> schemas.ListedDelivery:
    delivery = row.delivery
    return schemas.ListedDelivery(
        id=delivery.id,
        state=row.state,
        event_id=delivery.event_id,
        event_type=delivery.event_type,
        source=delivery.source,
        # A one-off callback's hidden webhook is never shown.
        webhook_id=delivery.webhook_id if delivery.url is None else None,
        webhook_name=row.webhook_name,
        matched_by=row.matched_by,
        url=row.url,
        attempt_count=delivery.attempts,
        last_status=delivery.last_status,
        last_cause=delivery.last_cause,
        next_attempt_at=iso_or_none(row.next_attempt_at),
        held=row.held,
        blocked=row.blocked,
        is_test=delivery.is_test,
        created_at=iso(delivery.created_at),
        updated_at=iso(delivery.updated_at),
    )


def delivery(
    row: DeliveryRow, attempts: Iterable[Attempt], body: Body | None, reader: Reader
) -> schemas.Delivery:
    return schemas.Delivery(
        **msgspec.structs.asdict(listed_delivery(row)),
        next_step=STATES[row.state].next_step,
        attempts=[attempt(each, each.number, each.url, body, reader) for each in attempts],
    )


def listed_webhook(row: Webhook) -> schemas.ListedWebhook:
    settings = {setting.name: getattr(row, setting.column) for setting in PUBLIC}
    secrets = {f"has_{s.name}": getattr(row, s.column) is not None for s in OWNER_SECRETS}
    secrets["has_secret_headers"] = secret_headers.has_any(row)
    return schemas.ListedWebhook(
        id=row.id,
        uid=row.uid,
        state=_webhook_state(row),
        retry_waits_seconds=parse_policy(row.retry_policy).waits(),
        disabled_reason=row.disabled_reason,
        disabled_at=iso_or_none(row.disabled_at),
        created_at=iso(row.created_at),
        updated_at=iso(row.updated_at),
        **settings | secrets | {"headers": dict(secret_headers.headers_of(row)[0])},
    )


def webhook(row: Webhook, secrets: Secrets) -> schemas.Webhook:
    return schemas.Webhook(
        **msgspec.structs.asdict(listed_webhook(row)),
        **{setting.name: getattr(secrets, setting.name) for setting in OWNER_SECRETS}
        | {"client_certificate": _without_key(secrets.client_certificate)},
        client_certificate_expires_at=iso_or_none(first_expiry(secrets.client_certificate)),
        ca_certificates_expire_at=iso_or_none(first_expiry(secrets.ca_certificates)),
        public_key=secrets.public_key if row.signing == "v1a" else None,
    )


def _without_key(certificate: str | None) -> str | None:
    return certificate and certificates_of(certificate)


def _webhook_state(row: Webhook) -> str:
    if row.once_event_id is not None:
        return "used"
    if row.is_active:
        return "active"
    return "paused" if row.disabled_reason is None else "disabled"


def organization(row: Organization) -> account_schemas.Organization:
    return account_schemas.Organization(
        id=row.id,
        name=row.name,
        uid=row.uid,
        created_at=iso(row.created_at),
        requires_two_factor=bool(row.requires_two_factor),
        indexes_values=row.indexes_values is not False,
        suspended_at=iso_or_none(row.suspended_at),
    )


def api_key(row: ApiKey) -> account_schemas.ApiKey:
    return account_schemas.ApiKey(
        id=row.id,
        prefix=row.prefix,
        name=row.name,
        scopes=list(SCOPES) if row.scopes is None else row.scopes,
        expires_at=iso_or_none(row.expires_at),
        allowed_networks=row.allowed_networks,
        last_used_at=iso_or_none(row.last_used_at),
        revoked_at=iso_or_none(row.revoked_at),
        created_at=iso(row.created_at),
    )


def quotas(usage: Usage) -> account_schemas.Quotas:
    limits, own = usage.quotas, usage.own
    return account_schemas.Quotas(
        webhooks=account_schemas.Quota(limits.webhooks, "webhooks" not in own, usage.webhooks),
        deliveries_per_event=account_schemas.Quota(
            limits.deliveries_per_event, "deliveries_per_event" not in own, None
        ),
        requests_per_host=account_schemas.HostQuota(
            limits.requests_per_host,
            "requests_per_host" not in own,
            usage.requests_to_it,
            usage.busiest_host,
        ),
    )


def new_api_key(new: NewKey, organization_id: str) -> account_schemas.NewApiKey:
    row = new.row
    return account_schemas.NewApiKey(
        id=new.id,
        secret=new.secret,
        key=new.key,
        prefix=row.prefix,
        name=row.name,
        organization_id=organization_id,
        scopes=list(SCOPES) if row.scopes is None else row.scopes,
        expires_at=iso_or_none(row.expires_at),
        allowed_networks=row.allowed_networks,
        created_at=iso(row.created_at),
    )
