"""Reset a forgotten password with a link by email.

Nobody learns whether an address has an account: a request only queues an email for any address,
and the worker that sends it looks the address up.
"""

from app.domain.accounts.fields import check_email, check_password
from app.domain.common.errors import Conflict, Unauthorized
from app.domain.common.ids import is_id
from app.models import User
from app.queries.accounts import users as accounts
from app.runtime.limits.sign_in import Limit
from app.services.accounts import users
from app.services.accounts.actor import Actor
from app.services.audit import log as audit
from app.services.notifications import account_emails
from app.services.sign_in import attempts, link_tokens, passwords
from app.services.sign_in.first_factor import LINKS_PER_ADDRESS
from app.store.transaction import write_transaction

HOUR_SECONDS = 3600
# Emails to one address; requests from one address; all, so that the table stays small.
PER_USER = Limit("password reset", 3, HOUR_SECONDS)
PER_ADDRESS = Limit("password resets of a place", 20, attempts.QUARTER_SECONDS)
ALL = Limit("password resets", 5_000, HOUR_SECONDS)

NO_MAIL = "This server sends no email."
DEAD_LINK = "This link was already used or has expired. Request a new one."


def request(email: object, address: str | None) -> None:
    """Invalid: not an address. RateLimited. Conflict: no mail server. Forbidden: no passwords."""
    passwords.check_enabled()
    if not account_emails.can_send():
        raise Conflict(NO_MAIL)
    to = check_email(email)
    attempts.count([(PER_USER, to), (PER_ADDRESS, str(address)), (ALL, "")])
    with write_transaction() as session:
        account_emails.enqueue(session, "password_reset", to, detail={"address": address})
        actor = Actor("user", None, to, address)
        audit.record(session, None, actor, "user.request_password_reset")


def read(token: str, address: str | None) -> User:
    """Whose password the link resets. Unauthorized: invalid, used or expired. RateLimited."""
    passwords.check_enabled()
    attempts.count([(LINKS_PER_ADDRESS, str(address))])
    match link_tokens.read_password_reset(token):
        case [str(user_id), int(serial)] if is_id(user_id):
            user = accounts.user(user_id)
            if user is not None and user.link_serial == serial:
                return user
    raise Unauthorized(DEAD_LINK)


def reset(token: str, password: object, address: str | None) -> User:
    """Set the password and end all sessions. Two-factor authentication stays on. Invalid;
    otherwise as `read`."""
    user = read(token, address)
    serial = user.link_serial
    # Hashing is slow: do it before taking the write lock.
    password_hash = passwords.hashed(check_password(password, user.email))
    with write_transaction() as session:
        user = users.locked(session, user.id)
        if user.link_serial != serial:
            raise Unauthorized(DEAD_LINK)
        actor = Actor("user", user.id, user.email, address)
        users.set_password(session, user, password_hash, actor)
        account_emails.enqueue(session, "password_changed", user.email)
        users.record_everywhere(session, user, actor, "user.reset_password")
    return user
