"""A webhook, as choosing and sending see it."""

from dataclasses import dataclass

from app.domain.bodies.spec import BodySpec
from app.domain.webhooks.retry_policies import RetryPolicy
from app.domain.webhooks.success import StatusRule


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFacts:
    """All of a webhook that the rules need, its secrets opened: never logged, never stored.

    kind: `webhook`, or `callback` for a lane of one-off callbacks. event_types, sources: None is
    all. signing: `v1`, `v1a` or `none`. secrets: the current one first, then the one before it as
    long as both are valid. headers: pairs of name and value, in order.
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
    event_types: frozenset[str] | None
    sources: frozenset[str] | None
    filter: str | None
    secret_token: str | None
    secret_header: str | None
    signing: str
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
        """Without the secrets, since what is printed ends in a log."""
        return f"WebhookFacts(id={self.id!r}, version={self.version}, url={self.url!r})"
