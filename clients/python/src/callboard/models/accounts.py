"""Organizations and their credentials."""

from typing import Any, Literal, TypedDict

Scope = Literal[
    "events:write", "webhooks:manage", "deliveries:read", "deliveries:resend", "audit:read"
]


class Organization(TypedDict):
    id: str
    name: str
    uid: str | None
    created_at: str
    requires_two_factor: bool
    indexes_values: bool
    suspended_at: str | None


class ApiKey(TypedDict):
    id: str
    prefix: str
    name: str
    scopes: list[Scope]
    expires_at: str | None
    allowed_networks: list[str] | None
    last_used_at: str | None
    revoked_at: str | None
    created_at: str


class NewApiKey(TypedDict):
    """`secret` and `key` are shown this once."""

    id: str
    secret: str
    key: str
    prefix: str
    name: str
    organization_id: str
    scopes: list[Scope]
    expires_at: str | None
    allowed_networks: list[str] | None
    created_at: str


class PortalLink(TypedDict):
    id: str
    url: str
    organization_id: str
    role: str
    expires_at: str


class Quota(TypedDict):
    """is_default: `limit` is the installation's. used: now; None: it depends on the event."""

    limit: int
    is_default: bool
    used: int | None


class HostQuota(Quota):
    """used: requests in flight to `busiest_host`."""

    busiest_host: str | None


class Quotas(TypedDict):
    webhooks: Quota
    deliveries_per_event: Quota
    requests_per_host: HostQuota


class QuotaLimits(TypedDict, total=False):
    webhooks: int | None
    deliveries_per_event: int | None
    requests_per_host: int | None


class AuditActor(TypedDict):
    """kind: `user`, `api_key`, `portal` or `system`. name: at that time."""

    kind: str
    id: str | None
    name: str


class AuditObject(TypedDict):
    """name: at that time; the object may be gone."""

    id: str | None
    name: str | None


class AuditEntry(TypedDict):
    """before, after: the fields that changed, without secrets. address, agent: of the client."""

    id: str
    created_at: str
    action: str
    actor: AuditActor
    address: str | None
    agent: str | None
    object: AuditObject
    before: dict[str, Any] | None
    after: dict[str, Any] | None
