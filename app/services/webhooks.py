"""What can be done with a webhook. Each verb leaves an entry in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models import Webhook
from app.services.actor import Actor

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """current, previous: signing secrets, the second one while both are valid, until
    `previous_until` (milliseconds since the epoch). public_key: `whpk_...` under v1a."""

    current: str
    previous: str | None
    previous_until: int | None
    public_key: str | None
    api_key: str | None
    secret_token: str | None


def create(organization_id: str, given: Given, actor: Actor) -> Webhook:
    """given: fields of the native API. Invalid, with all that is wrong; NotFound: organization."""
    raise NotImplementedError


def update(
    organization_id: str, webhook_id: str, given: Given, actor: Actor, *, replace: bool = False
) -> Webhook:
    """Change what is given; replace: what is not given goes back to its default, but for secrets.
    Invalid, NotFound."""
    raise NotImplementedError


def delete(organization_id: str, webhook_id: str, actor: Actor) -> None:
    """What was still to be sent ends as cancelled. NotFound."""
    raise NotImplementedError


def pause(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """What waits is held; what happens meanwhile becomes skipped. NotFound."""
    raise NotImplementedError


def resume(organization_id: str, webhook_id: str, actor: Actor) -> Webhook:
    """What was held goes on. NotFound."""
    raise NotImplementedError


def rotate_secret(
    organization_id: str,
    webhook_id: str,
    actor: Actor,
    overlap_seconds: int = 86_400,
    secret: str | None = None,
) -> str:
    """The new signing secret; the old one signs beside it for `overlap_seconds` (0 to 30 days).
    Invalid: the secret given is none. NotFound."""
    raise NotImplementedError


def secrets_of(organization_id: str, webhook_id: str) -> Secrets:
    """NotFound."""
    raise NotImplementedError
