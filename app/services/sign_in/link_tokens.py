"""Tokens of the links in emails about accounts. Created when an email is sent, and never stored."""

from app.models import User
from app.services.sign_in import signed_links

INVITATION, INVITATION_SECONDS = "invitation", 7 * 24 * 3600
PASSWORD_RESET, PASSWORD_RESET_SECONDS = "password reset", 3600


def invitation(invitation_id: str) -> str:
    return signed_links.sign(INVITATION, invitation_id)


def password_reset(user: User) -> str:
    """Works once: a new password raises the number in it."""
    return signed_links.sign(PASSWORD_RESET, [user.id, user.link_serial])


def read_invitation(token: str) -> object:
    """The invitation's id; None if the token is invalid or expired."""
    return signed_links.read(INVITATION, token, INVITATION_SECONDS)


def read_password_reset(token: str) -> object:
    """The user's id and number; None if the token is invalid or expired."""
    return signed_links.read(PASSWORD_RESET, token, PASSWORD_RESET_SECONDS)
