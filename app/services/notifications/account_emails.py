"""Queue emails about accounts. `account_email_task` renders and sends them."""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import delete

from app.domain.common.clock import now_ms
from app.models import AccountEmail
from app.runtime.context import runtime
from app.store.sessions import WriteSession

Kind = Literal["invitation", "new_sign_in", "password_changed", "password_reset", "two_factor_off"]

# How long results of emails are kept.
KEPT_MS = 7 * 86_400_000


def can_send() -> bool:
    """Whether a mail server is configured."""
    return runtime().settings.smtp_url is not None


def enqueue(
    session: WriteSession,
    kind: Kind,
    to: str,
    *,
    subject_id: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """In the caller's transaction; nothing without a mail server. Links with a token are created
    when the email is sent, so that no token is stored. detail: what the text quotes."""
    if not can_send():
        return
    now = now_ms()
    session.execute(
        delete(AccountEmail).where(
            AccountEmail.created_at < now - KEPT_MS, AccountEmail.next_at.is_(None)
        )
    )
    session.add(
        AccountEmail(
            kind=kind,
            to=to,
            subject_id=subject_id,
            detail=dict(detail or {}),
            state="waiting",
            created_at=now,
            next_at=now,
            tries=0,
        )
    )
