"""Write the audit log, in the transaction of the change that it records."""

from collections.abc import Mapping
from typing import Any

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import AuditEntry
from app.services.accounts.actor import Actor, client_agent
from app.store.sessions import WriteSession

Fields = Mapping[str, Any]

MAX_AGENT = MAX_NAME = 300
_NAMES = ("name", "email", "url")


def record(  # noqa: PLR0917 - in the order of a sentence
    session: WriteSession,
    organization_id: str | None,
    actor: Actor,
    action: str,
    subject_id: str | None = None,
    before: Fields | None = None,
    after: Fields | None = None,
    *,
    name: str = "",
) -> None:
    """Add an entry to the open transaction. name: of the object; otherwise as the fields say.

    organization_id: None if it concerns the whole installation. action: such as `webhook.create`.
    before, after: JSON values, of which only changed fields are stored; never pass a secret.
    """
    changed_before, changed_after = _changed(before, after)
    session.add(
        AuditEntry(
            id=new_id(),
            organization_id=organization_id,
            created_at=now_ms(),
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:254],
            address=actor.address[:45] if actor.address else None,
            action=action,
            subject_id=subject_id,
            before=changed_before,
            after=changed_after,
            agent=_agent(actor),
            subject_name=(name or _name(after) or _name(before))[:MAX_NAME] or None,
        )
    )


def _agent(actor: Actor) -> str | None:
    # The system acts in requests, too, but not for their clients.
    agent = None if actor.kind == "system" else actor.agent or client_agent.get()
    return agent[:MAX_AGENT] if agent else None


def _name(fields: Fields | None) -> str:
    """The name of the object that the fields belong to."""
    values = (fields.get(key) for key in _NAMES) if fields else ()
    return next((value for value in values if isinstance(value, str) and value), "")


def _copy(fields: Fields | None) -> dict[str, Any] | None:
    return None if fields is None else dict(fields)


def _changed(
    before: Fields | None, after: Fields | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    if before is None or after is None:
        return _copy(before), _copy(after)
    absent = object()
    names = {n for n in {*before, *after} if before.get(n, absent) != after.get(n, absent)}
    return (
        {n: before[n] for n in before if n in names},
        {n: after[n] for n in after if n in names},
    )
