"""Texts of emails about accounts."""

from dataclasses import dataclass

from app.domain.common.clock import iso, now_ms
from app.models import AccountEmail
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.notifications.email_texts import Email, rendered
from app.services.sign_in import link_tokens

# Of names that strangers choose and that are sent in our name.
MAX_NAME = 60


@dataclass(frozen=True, slots=True)
class Text:
    """paragraphs: before the link. link, act: the URL and what it does; "" for none."""

    title: str
    paragraphs: tuple[str, ...]
    link: str = ""
    act: str = ""
    quiet: str = ""


def render(mail: AccountEmail) -> Email | None:
    """None: the email is no longer needed, or no user has this address."""
    texts = {
        "invitation": _invitation,
        "new_sign_in": _new_sign_in,
        "password_changed": _password_changed,
        "password_reset": _password_reset,
        "two_factor_off": _two_factor_off,
    }
    text = texts[mail.kind](mail)
    if text is None:
        return None
    words = {"text": text, "public_url": runtime().settings.public_url}
    return Email(
        f"account.{mail.id}.{mail.created_at}",
        mail.to,
        text.title,
        rendered("notifications/emails/account.txt", **words),
        rendered("notifications/emails/account.html", **words),
    )


def _invitation(mail: AccountEmail) -> Text | None:
    row = accounts.invitation_by_id(mail.subject_id or "")
    if row is None or row[0].accepted_at is not None or row[0].expires_at <= now_ms():
        return None
    invitation, organization = row
    name, inviter = _plain(organization.name), _plain(mail.detail.get("invited_by") or "")
    by = f"{inviter} invited you" if inviter else "You are invited"
    return Text(
        f"Invitation to {name} on Callboard",
        (f"{by} to join {name} as {invitation.role}.",),
        _url(f"/invitations/{link_tokens.invitation(invitation.id)}"),
        "Accept the invitation",
        f"The link works once, until {_minute(invitation.expires_at)}. If you expected no"
        " invitation, ignore this email.",
    )


def _password_reset(mail: AccountEmail) -> Text | None:
    user = accounts.user_by_email(mail.to)
    if user is None:
        return None
    asked_from = mail.detail.get("address") or "an unknown address"
    return Text(
        "Reset your Callboard password",
        (f"A new password was requested for {mail.to}, from {asked_from}.",),
        _url(f"/password-reset/{link_tokens.password_reset(user)}"),
        "Choose a new password",
        "The link works once, for an hour. If this was not you, ignore this email: your password"
        " stays the same.",
    )


def _new_sign_in(mail: AccountEmail) -> Text:
    detail = mail.detail
    return Text(
        "New sign-in to Callboard",
        (
            "Your account was used from a browser or network that is new to it.",
            f"Time: {_minute(mail.created_at)}",
            f"Address: {detail.get('address') or 'unknown'}",
            f"Browser: {detail.get('agent') or 'unknown'}",
        ),
        _url("/settings/account#sessions-title"),
        "Review your sessions",
        "If this was not you, sign out everywhere there and change your password.",
    )


def _password_changed(mail: AccountEmail) -> Text:
    return Text(
        "Your Callboard password was changed",
        (f"The password of {mail.to} was changed on {_minute(mail.created_at)}.",),
        _url("/password-reset"),
        "Reset it if this was not you",
    )


def _two_factor_off(mail: AccountEmail) -> Text:
    return Text(
        "Two-factor authentication was turned off",
        (f"{mail.to} signs in without a code since {_minute(mail.created_at)}.",),
        _url("/settings/account/two-factor"),
        "Turn it on again if this was not you",
    )


def _plain(name: str) -> str:
    """Without anything that mail programs turn into links, so that names cannot carry
    advertisements."""
    return name.replace("://", " ").replace("www.", "")[:MAX_NAME]


def _url(path: str) -> str:
    return f"{runtime().settings.public_url}{path}"


def _minute(ms: int) -> str:
    return f"{iso(ms)[:10]} {iso(ms)[11:16]} UTC"
