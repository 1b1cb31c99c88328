"""The session of a signed-in browser: a signed cookie that names a row of the database."""

from flask import request, session

from app.domain.accounts.sessions import is_alive, is_touch_due
from app.domain.common.clock import now_ms
from app.models import User
from app.queries.accounts import users as account_queries
from app.services.sign_in import sessions

# Key of the environ: the organization that a platform owner has entered in this session.
ENTERED = "callboard.entered"


def begin(user: User, *, remembered: bool | None = None, is_sign_in: bool = False) -> None:
    """Start a fresh session. Nothing of the previous one survives, not even its CSRF token.

    remembered: the cookie outlives the browser; None keeps the choice of the previous session.
    is_sign_in: the person is told if this browser is new to them.
    """
    remembered = bool(session.permanent) if remembered is None else remembered
    _end_row()
    session.clear()
    session.permanent = remembered
    agent = request.headers.get("User-Agent", "")
    session["id"] = sessions.begin(
        user.id, request.remote_addr, agent, remembered=remembered, is_sign_in=is_sign_in
    )
    session["user"] = user.id
    # Processes of the previous release check this number instead of the row.
    session["serial"] = user.session_serial


def end() -> None:
    """Sign this browser out."""
    _end_row()
    session.clear()


def session_id() -> str | None:
    """The id of this browser's session."""
    value = session.get("id")
    return value if isinstance(value, str) else None


def user() -> User | None:
    """The signed-in person, or None if the session has expired or was revoked. Records its use."""
    user_id, own_id = session.get("user"), session_id()
    if not isinstance(user_id, str) or own_id is None:
        return None
    row, now = account_queries.user_session(user_id, own_id), now_ms()
    if row is None or not is_alive(row.created_at, row.seen_at, now, remembered=row.remembered):
        return None
    person = account_queries.user(user_id)
    if person is None or person.session_serial != session.get("serial"):
        return None
    if is_touch_due(row.seen_at, now):
        sessions.touch(row.id, now)
    request.environ[ENTERED] = row.entered_id if person.is_platform_owner else None
    return person


def entered_id() -> str | None:
    """The organization that the platform owner has entered, once `user` has found them."""
    organization_id: str | None = request.environ.get(ENTERED)
    return organization_id


def _end_row() -> None:
    own_id = session_id()
    if own_id is not None:
        sessions.end(own_id)
