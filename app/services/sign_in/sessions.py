"""Sessions of people who are signed in: rows, so that each can be listed and revoked."""

from sqlalchemy import delete, or_, update

from app.domain.accounts.browsers import KNOWN_MS, browser_digest
from app.domain.accounts.sessions import LIFETIME_MS, REMEMBERED_MS
from app.domain.common.clock import now_ms
from app.domain.common.errors import NotFound
from app.domain.common.ids import new_id
from app.models import KnownBrowser, User, UserSession
from app.queries.accounts import users as accounts
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.notifications import account_emails
from app.services.sign_in import credentials
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

MAX_AGENT, MAX_ADDRESS = 300, 64


def begin(
    user_id: str, address: str | None, agent: str, *, remembered: bool, is_sign_in: bool = False
) -> str:
    """Start a session and return its id. Also deletes sessions that have expired.

    is_sign_in: tell the person by email if the browser or its network is new to their account.
    """
    now = now_ms()
    row = UserSession(
        id=new_id(),
        user_id=user_id,
        created_at=now,
        seen_at=now,
        remembered=remembered,
        address=address[:MAX_ADDRESS] if address else None,
        agent=agent[:MAX_AGENT],
    )
    with write_transaction() as session:
        session.execute(
            delete(UserSession).where(
                or_(
                    UserSession.created_at < now - REMEMBERED_MS,
                    ~UserSession.remembered & (UserSession.created_at < now - LIFETIME_MS),
                )
            )
        )
        user = users.locked(session, user_id)
        session.add(row)
        if not _is_known(session, row, now) and is_sign_in:
            detail = {"address": row.address, "agent": row.agent}
            account_emails.enqueue(session, "new_sign_in", user.email, detail=detail)
    return row.id


def _is_known(session: WriteSession, row: UserSession, now: int) -> bool:
    """Whether the person, whose row is locked, has signed in with this browser before. From now on
    it is known."""
    digest = browser_digest(row.agent, row.address)
    session.execute(
        delete(KnownBrowser).where(
            KnownBrowser.user_id == row.user_id, KnownBrowser.seen_at < now - KNOWN_MS
        )
    )
    known = session.get(KnownBrowser, (row.user_id, digest))
    if known is None:
        session.add(KnownBrowser(user_id=row.user_id, digest=digest, seen_at=now))
    else:
        known.seen_at = now
    return known is not None


def touch(session_id: str, now: int) -> None:
    """Record that the session is in use."""
    with write_transaction() as session:
        session.execute(update(UserSession).where(UserSession.id == session_id).values(seen_at=now))


def end(session_id: str) -> None:
    """End a session, if it still exists."""
    with write_transaction() as session:
        credentials.end_session(session, session_id)


def revoke(user: User, session_id: str, actor: Actor) -> None:
    """End one of the person's own sessions. Raises NotFound for any other."""
    row = accounts.user_session(user.id, session_id)
    if row is None:
        raise NotFound
    before = {"address": row.address, "agent": row.agent}
    with write_transaction() as session:
        credentials.end_session(session, row.id, actor)
        users.record_everywhere(session, user, actor, "session.revoke", before=before)
