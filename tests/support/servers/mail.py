"""A real SMTP server on loopback that accepts or rejects emails as a test sets it up."""

import base64
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from tests.support.waiting import PATIENCE_SECONDS


@dataclass
class AcceptedEmail:
    """One email. tls: whether it arrived over TLS; user: the name that signed in, or None."""

    sender: str
    to: list[str]
    message: EmailMessage
    tls: bool
    user: str | None

    def part(self, kind: str) -> str:
        """The text of `plain` or `html`."""
        body = self.message.get_body((kind,))
        assert body is not None
        text: str = body.get_content()
        return text


@dataclass
class MailServer:
    """context: offers STARTTLS, or with `tls` speaks TLS from the first byte. users: name to
    password; when there are any, mail is accepted only after a sign-in. refuse: replies
    to RCPT instead of 250, by address, or "" for all addresses."""

    context: ssl.SSLContext | None = None
    tls: bool = False
    users: dict[str, str] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    accepted: list[AcceptedEmail] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._arrived = threading.Condition()
        server = self

        class Handler(_Session):
            mail = server

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def accept(self, email: AcceptedEmail) -> None:
        with self._arrived:
            self.accepted.append(email)
            self._arrived.notify_all()

    def wait_for(self, number: int, timeout: float = PATIENCE_SECONDS) -> list[AcceptedEmail]:
        with self._arrived:
            has_arrived = self._arrived.wait_for(lambda: len(self.accepted) >= number, timeout)
        assert has_arrived, f"{len(self.accepted)} of {number} emails arrived"
        return self.accepted

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Session(socketserver.StreamRequestHandler):
    mail: MailServer

    def handle(self) -> None:
        self.is_tls, self.user = False, None
        self._begin()
        if self.mail.tls:
            self._secure()
        self._say("220 mail.test ready")
        while line := self.rfile.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "QUIT":
                self._say("221 bye")
                return
            getattr(self, f"_{verb.lower()}", self._unknown)(rest)

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            # The sender closed the connection.
            return
        finally:
            self.connection.close()

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _begin(self) -> None:
        self.sender, self.to = "", []

    def _secure(self) -> None:
        assert self.mail.context
        self.connection: Any = self.mail.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile: Any = socketserver._SocketWriter(self.connection)  # type: ignore[attr-defined]
        self.is_tls = True

    def _ehlo(self, _: str) -> None:
        offers = ["250-mail.test"]
        if self.mail.context and not self.is_tls:
            offers.append("250-STARTTLS")
        if self.mail.users:
            offers.append("250-AUTH PLAIN")
        self._say(*offers, "250 SMTPUTF8")

    def _starttls(self, _: str) -> None:
        self._say("220 go on")
        try:
            self._secure()
        except (OSError, ssl.SSLError):
            # The sender does not trust the certificate.
            self.connection.close()

    def _auth(self, rest: str) -> None:
        _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        is_valid = self.mail.users.get(name) == password
        self.user = name if is_valid else None
        self._say("235 welcome" if is_valid else "535 incorrect user or password")

    def _mail(self, rest: str) -> None:
        if self.mail.users and self.user is None:
            self._say("530 sign in first")
            return
        self._begin()
        self.sender = rest.partition("<")[2].partition(">")[0]
        self._say("250 ok")

    def _rcpt(self, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        rejection = self.mail.refuse.get(address) or self.mail.refuse.get("")
        if not rejection:
            self.to.append(address)
        self._say(rejection or "250 ok")

    def _data(self, _: str) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message: Any = message_from_bytes(b"".join(lines), policy=default)
        self.mail.accept(AcceptedEmail(self.sender, self.to, message, self.is_tls, self.user))
        self._say("250 accepted")

    def _rset(self, _: str) -> None:
        self._begin()
        self._say("250 ok")

    def _unknown(self, _: str) -> None:
        self._say("502 command not implemented")
