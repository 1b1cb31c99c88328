"""Responses about organizations, API keys, portal links and health."""

from typing import Any, Literal

from app.api.schemas.responses import Id, Schema, Time


class Organization(Schema, frozen=True):
    """uid: an id of your own. requires_two_factor: members need two-factor authentication to open
    it. indexes_values: new events can be found by values of their payload. suspended_at: null: it
    is not."""

    id: Id
    name: str
    uid: str | None
    created_at: Time
    requires_two_factor: bool
    indexes_values: bool
    suspended_at: Time | None


class Actor(Schema, frozen=True):
    """kind: `user`, `api_key`, `portal` or `system`. name: at that time."""

    kind: str
    id: str | None
    name: str


class AuditObject(Schema, frozen=True):
    """name: at that time; the object may be gone."""

    id: str | None
    name: str | None


class AuditEntry(Schema, frozen=True):
    """before, after: the fields that changed, without secrets. address, agent: of the client."""

    id: Id
    created_at: Time
    action: str
    actor: Actor
    address: str | None
    agent: str | None
    object: AuditObject
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Quota(Schema, frozen=True):
    """is_default: `limit` is the installation's. used: now; null: depends on the event."""

    limit: int
    is_default: bool
    used: int | None


class HostQuota(Quota, frozen=True):
    """used: requests in flight to `busiest_host`."""

    busiest_host: str | None


class Quotas(Schema, frozen=True):
    webhooks: Quota
    deliveries_per_event: Quota
    requests_per_host: HostQuota


class NewApiKey(Schema, frozen=True):
    """`secret` and `key` are shown only once. key: for `Bearer` and `Token`. id, secret: for
    Basic."""

    id: Id
    secret: str
    key: str
    prefix: str
    name: str
    organization_id: Id
    scopes: list[str]
    expires_at: Time | None
    allowed_networks: list[str] | None
    created_at: Time


class ApiKey(Schema, frozen=True):
    """prefix: the first characters of the key. last_used_at: to the minute; null: never.
    allowed_networks: as CIDR; null: the key may be used from everywhere."""

    id: Id
    prefix: str
    name: str
    scopes: list[str]
    expires_at: Time | None
    allowed_networks: list[str] | None
    last_used_at: Time | None
    revoked_at: Time | None
    created_at: Time


class PortalLink(Schema, frozen=True):
    """id: as in the audit log. url: valid until `expires_at`, any number of times."""

    id: Id
    url: str
    organization_id: Id
    role: str
    expires_at: Time


class Healthy(Schema, frozen=True):
    status: str
    version: str


class Check(Schema, frozen=True):
    ok: bool
    detail: str


class Ready(Schema, frozen=True):
    """status: `degraded` when events are accepted but something else is missing. missing: the
    checks that failed."""

    ready: bool
    status: Literal["ready", "degraded", "unavailable"]
    missing: list[str]
    checks: dict[str, Check]
