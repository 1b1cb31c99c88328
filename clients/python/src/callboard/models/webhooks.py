"""Webhooks and their settings."""

from typing import Any, Literal, Required, TypedDict

from callboard.models.deliveries import Attempt

WebhookState = Literal["active", "paused", "disabled", "used"]


class Authentication(TypedDict, total=False):
    """kind `basic`: with username and password; `bearer`: with token; `oauth2`: with token_url,
    client_id, client_secret and scope."""

    kind: Required[Literal["basic", "bearer", "oauth2"]]
    username: str
    password: str
    token: str
    token_url: str
    client_id: str
    client_secret: str
    scope: str


class WebhookSettings(TypedDict, total=False):
    """What can be set of a webhook. What is absent comes from its preset."""

    uid: str | None
    url: str
    name: str
    description: str
    once: bool
    preset: str
    method: str
    body_format: str
    body_expression: str | None
    body_encoding: str
    event_types: list[str] | None
    sources: list[str] | None
    filter: str | None
    headers: dict[str, str]
    secret_headers: dict[str, str] | None
    authentication: Authentication | None
    client_certificate: str | None
    ca_certificates: str | None
    api_key: str | None
    secret_token: str | None
    secret_header: str | None
    secret: str | None
    success_statuses: list[int | str]
    timeout_seconds: float
    retry_policy: dict[str, Any]
    honors_retry_after: bool | None
    rate_limit_per_second: float | None
    max_in_flight: int
    ordered: bool
    signing: Literal["v1", "v1a", "none"]
    signature_scheme: Literal["standard", "timestamped", "sha256"]
    signature_header: str | None
    is_active: bool
    metadata: dict[str, Any]


class ListedWebhook(TypedDict):
    id: str
    uid: str | None
    state: WebhookState
    name: str
    description: str
    url: str
    preset: str
    method: str
    body_format: str
    body_expression: str | None
    body_encoding: str
    event_types: list[str] | None
    sources: list[str] | None
    filter: str | None
    headers: dict[str, str]
    has_secret_headers: bool
    has_authentication: bool
    has_client_certificate: bool
    has_ca_certificates: bool
    has_api_key: bool
    has_secret_token: bool
    secret_header: str | None
    success_statuses: list[str]
    timeout_seconds: float
    retry_policy: dict[str, Any]
    honors_retry_after: bool | None
    retry_waits_seconds: list[float]
    rate_limit_per_second: float | None
    max_in_flight: int
    ordered: bool
    signing: Literal["v1", "v1a", "none"]
    signature_scheme: Literal["standard", "timestamped", "sha256"]
    signature_header: str | None
    is_active: bool
    disabled_reason: str | None
    disabled_at: str | None
    once: bool
    metadata: dict[str, Any]
    created_at: str
    updated_at: str


class Webhook(ListedWebhook):
    secret_headers: dict[str, str] | None
    authentication: Authentication | None
    client_certificate: str | None
    client_certificate_expires_at: str | None
    ca_certificates: str | None
    ca_certificates_expire_at: str | None
    api_key: str | None
    secret_token: str | None
    public_key: str | None


class WebhookTest(TypedDict):
    succeeded: bool
    event_type: str
    attempt: Attempt


class Recovery(TypedDict):
    """next_since: more remain; continue with this as `since`. None: done."""

    count: int
    dry_run: bool
    next_since: str | None
