"""Rotate a webhook's signing secret, and end the time in which the previous one is valid, too."""

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, invalid
from app.domain.webhooks.signing import kind_of, new_secret, parse_secret
from app.models import Webhook
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.webhooks.changes import changing

MAX_OVERLAP_SECONDS = 30 * 86_400


def rotate_secret(
    organization_id: str,
    webhook_id: str,
    actor: Actor,
    overlap_seconds: int = 86_400,
    secret: str | None = None,
) -> str:
    """Returns the new signing secret. The previous one stays valid for `overlap_seconds` (0 to 30
    days). Invalid: a malformed secret, or one for another kind of signature. NotFound."""
    if not 0 <= overlap_seconds <= MAX_OVERLAP_SECONDS:
        remedy = f"Use a whole number of seconds from 0 to {MAX_OVERLAP_SECONDS}."
        raise invalid("overlap_seconds", "range", f"{overlap_seconds} is out of range.", remedy)
    own = None if secret is None else parse_secret(secret)
    with changing(organization_id, webhook_id, actor, "webhook.rotate_secret") as change:
        row = change.row
        new = _new_secret(row, own)
        row.previous_signing_secret = row.signing_secret if overlap_seconds else None
        until = change.now + overlap_seconds * 1000
        row.previous_signing_secret_until = until if overlap_seconds else None
        row.signing_secret = runtime().vault.seal(new)
        change.more["overlap_seconds"] = overlap_seconds
    return new


def overlap_until(row: Webhook) -> int | None:
    """Until when the previous secret is valid, in milliseconds since the epoch; None if none is."""
    until = row.previous_signing_secret_until
    return until if row.previous_signing_secret and until and until > now_ms() else None


def end_overlap(organization_id: str, webhook_id: str, actor: Actor) -> None:
    """Requests carry only the signature of the current secret from now on. Conflict: no previous
    secret is valid. NotFound."""
    with changing(organization_id, webhook_id, actor, "webhook.end_secret_overlap") as change:
        until = overlap_until(change.row)
        if until is None:
            raise Conflict("No previous secret is valid: only the current one signs.")
        change.more["previous_secret_valid_until"] = until
        change.row.previous_signing_secret = change.row.previous_signing_secret_until = None


def _new_secret(row: Webhook, own: str | None) -> str:
    kind = (
        kind_of(runtime().vault.open(row.signing_secret)) if row.signing == "none" else row.signing
    )
    if own is not None and row.signing != "none" and kind_of(own) != kind:
        remedy = f"Use one that begins with {'whsec_' if kind == 'v1' else 'whsk_'}."
        raise invalid("secret", "conflict", f"This webhook signs with {kind}.", remedy)
    return own or new_secret(kind)
