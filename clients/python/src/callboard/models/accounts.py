"""Organizations and their credentials."""

from typing import Literal, TypedDict

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
