"""Send email over SMTP."""

import smtplib
import ssl
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from app.domain.notifications.mail_server import MailServer
from app.sending.http.trust import find_ca_file

TIMEOUT_SECONDS = 15.0


class MailRejected(Exception):
    """The mail server did not accept an email; the text says why. for_good: a retry will not
    help."""

    def __init__(self, detail: str, *, for_good: bool = False) -> None:
        super().__init__(detail)
        self.for_good = for_good


class SmtpClient:
    """One connection for several emails, opened for the first one; a context manager."""

    def __init__(self, server: MailServer, ca_file: str | None = None) -> None:
        self._server = server
        self._context = ssl.create_default_context(cafile=ca_file or find_ca_file())
        self._connection: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Raises MailRejected. After an error the next email gets a new connection."""
        try:
            if self._connection is None:
                self._connection = self._open()
            self._connection.send_message(message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._close()
            raise MailRejected(_explain(error, self._server), for_good=_is_final(error)) from error

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            self._greet(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP) -> None:
        server = self._server
        connection.ehlo()
        if not server.tls and server.starttls != "never":
            if connection.has_extn("starttls"):
                connection.starttls(context=self._context)
                connection.ehlo()
            elif server.starttls == "required":
                raise smtplib.SMTPNotSupportedError("it does not offer STARTTLS, which is required")
        if server.username is not None:
            connection.login(server.username, server.password or "")

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()


def _is_final(error: Exception) -> bool:
    """Whether the server rejected this email permanently."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and (
        error.smtp_code >= 500
    )


def _explain(error: Exception, server: MailServer) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return f"The mail server rejected the recipient: {code} {_text(text)}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        reply = f"{error.smtp_code} {_text(error.smtp_error)}"
        return f"The mail server rejected the user name and password: {reply}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server replied {error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, ssl.SSLError):
        return f"TLS to the mail server failed: {error.reason or error}"
    if isinstance(error, smtplib.SMTPException):
        return f"The mail server {server.name} cannot be used: {error}."
    return f"The mail server {server.name} cannot be reached: {error}."


def _text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
