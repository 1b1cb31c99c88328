"""Render the text of emails from templates."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import Environment, StrictUndefined, select_autoescape

from app.domain.common.clock import iso
from app.domain.deliveries.causes import explain, what_to_do
from app.domain.notifications import system_events as notices
from app.domain.notifications.mail_server import parse_mail_server
from app.models import Organization, QueuedEmail, User, Webhook
from app.queries import notifications
from app.queries import webhooks as webhook_queries
from app.queries.accounts import users as account_queries
from app.runtime.context import runtime
from app.sending.email import MailRejected


@dataclass(frozen=True, slots=True)
class Email:
    """id: the same for every attempt, so that repeats can be recognized. to: an address."""

    id: str
    to: str
    subject: str
    text: str
    html: str

    def message(self) -> EmailMessage:
        """MailRejected: the address cannot be used in an email."""
        sender, host = _sender()
        name, _, domain = self.to.rpartition("@")
        domain = _ascii_domain(domain)
        message = EmailMessage(policy=SMTP.clone(utf8=not name.isascii()))
        message["From"] = Address("Callboard", addr_spec=sender)
        try:
            message["To"] = Address(username=name, domain=domain)
        except (MessageError, ValueError) as error:
            detail = f"{self.to} is not a valid email address."
            raise MailRejected(detail, for_good=True) from error
        message["Subject"] = " ".join(self.subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = f"<{self.id}@{host}>"
        # Suppress out-of-office replies and loops.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self.text)
        message.add_alternative(self.html, subtype="html")
        return message


def render(mail: QueuedEmail) -> Email | None:
    """Render a queued email; None if the recipient no longer wants it, or the webhook was
    deleted."""
    recipient = notifications.recipient(mail.organization_id, mail.user_id)
    webhook = webhook_queries.get_any(mail.organization_id, mail.webhook_id)
    if recipient is None or webhook is None or webhook.deleted_at is not None:
        return None
    counts = {kind: n for kind, n in mail.counts.items() if kind in recipient.kinds}
    if not counts:
        return None
    news = [item for item in mail.news if item["kind"] in counts]
    return _email(mail, recipient.user, webhook, counts, news)


def test_for(organization: Organization, user: User, id_: str) -> Email:
    words = {
        "organization": organization,
        "user": user,
        "public_url": runtime().settings.public_url,
    }
    return Email(
        f"test.{id_}",
        user.email,
        f"Test email from Callboard ({organization.name})",
        rendered("notifications/emails/test.txt", **words),
        rendered("notifications/emails/test.html", **words),
    )


def _email(
    mail: QueuedEmail,
    user: User,
    webhook: Webhook,
    counts: dict[str, int],
    news: list[dict[str, Any]],
) -> Email:
    states = [item for item in news if item["kind"] != notices.FAILED]
    failed = [item for item in news if item["kind"] == notices.FAILED]
    organization = account_queries.organization(mail.organization_id)
    assert organization is not None
    name = webhook.name or _host(webhook.url)
    title = notices.subject(counts, name, states[-1]["kind"] if states else "")
    number = counts.get(notices.FAILED, 0)
    words = {
        "title": title,
        "organization": organization.name,
        "webhook": name,
        "host": _host(webhook.url),
        "states": [_line(item) for item in states],
        "failed": [_line(item) for item in failed],
        "number": number,
        "others": number - len(failed),
        "remedy": what_to_do(news[-1]["cause"]) if news and news[-1].get("cause") else "",
        "public_url": runtime().settings.public_url,
        "webhook_id": webhook.id,
    }
    return Email(
        f"mail.{mail.id}.{mail.created_at}",
        user.email,
        f"{title} ({organization.name})",
        rendered("notifications/emails/system_event.txt", **words),
        rendered("notifications/emails/system_event.html", **words),
    )


def template_environment(app: Flask) -> Environment:
    """For emails. Flask's own environment adds what only pages have: a request and a user."""
    return Environment(
        loader=app.jinja_loader,
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(template: str, **words: Any) -> str:
    return runtime().email_templates.get_template(template).render(**words)


def _line(item: dict[str, Any]) -> dict[str, Any]:
    cause, status = item.get("cause"), item.get("status")
    return {
        "title": notices.KINDS[item["kind"]].title,
        "at": _minute(item["at"]),
        "since": _minute(item["since"]) if item.get("since") else "",
        "words": item.get("reason") or (explain(cause, status) if cause else ""),
        "delivery_id": item.get("delivery_id"),
        "event_type": item.get("event_type") or "",
    }


def _minute(ms: int) -> str:
    """In UTC, because the recipient's time zone is unknown."""
    return f"{iso(ms)[:10]} {iso(ms)[11:19]} UTC"


def _host(url: str) -> str:
    """Without path and query, which may contain secrets."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _sender() -> tuple[str, str]:
    """The sender's address, and the host for message ids."""
    settings = runtime().settings
    server = parse_mail_server(settings.smtp_url or "smtp://localhost")
    public = urlsplit(settings.public_url).hostname or "localhost"
    sender = server.sender or f"callboard@{public}"
    return sender, sender.rpartition("@")[2]


def _ascii_domain(domain: str) -> str:
    """Internationalized domains in the ASCII form that every server accepts."""
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain
