"""A webhook as matching and sending see it."""

from dataclasses import dataclass

from app.domain.bodies.spec import BodySpec
from app.domain.webhooks.credentials.certificates import ClientTls
from app.domain.webhooks.credentials.oauth import OAuthClient
from app.domain.webhooks.retry_policies import RetryPolicy
from app.domain.webhooks.success import StatusRule


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """The parts of a webhook that the rules need, with decrypted secrets: never log or store it.

    kind: `webhook`, or `callback` for a target of one-off callbacks. event_types: names and
    patterns. event_types, sources: None means all. signing: `v1`, `v1a` or `none`.
    signature_scheme: of `schemes`. signature_header: None means the scheme's. secrets: the current
    one first, then the previous one while it is valid. headers, secret_headers: pairs of name and
    value, in order. oauth: its token is sent as the header Authorization.
    tls: certificates of its connections; None: as usual.
    """

    id: str
    organization_id: str
    version: int
    kind: str
    preset: str
    url: str
    method: str
    body: BodySpec
    headers: tuple[tuple[str, str], ...]
    secret_headers: tuple[tuple[str, str], ...]
    oauth: OAuthClient | None
    tls: ClientTls | None
    event_types: frozenset[str] | None
    sources: frozenset[str] | None
    filter: str | None
    secret_token: str | None
    secret_header: str | None
    signing: str
    signature_scheme: str
    signature_header: str | None
    secrets: tuple[str, ...]
    success: StatusRule
    timeout_seconds: float
    retry_policy: RetryPolicy
    honors_retry_after: bool
    disables_on_410: bool
    rate_limit_per_second: float | None
    max_in_flight: int
    ordered: bool
    is_active: bool
    once: bool

    def __repr__(self) -> str:
        """Leaves out the secrets, since printed objects end up in logs."""
        return f"WebhookFacts(id={self.id!r}, version={self.version}, url={self.url!r})"
