import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.domain.notifications.mail_server import parse_mail_server
from app.sending.email import MailRejected, SmtpClient
from tests.support.certificates import Authority
from tests.support.servers.mail import MailServer

Make = Callable[..., MailServer]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def make() -> Iterator[Make]:
    servers: list[MailServer] = []

    def start(**options: Any) -> MailServer:
        servers.append(MailServer(**options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def email(to: str = "mara@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "callboard@example.com", to, "Failing"
    message.set_content("It is failing.\n.\nA single dot.")
    return message


def test_emails_are_sent_over_one_connection(make: Make) -> None:
    server = make()
    with SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{server.port}")) as client:
        client.send(email())
        client.send(email("jo@example.com"))
    first, second = server.accepted
    assert (first.sender, first.to, first.tls) == (
        "callboard@example.com",
        ["mara@example.com"],
        False,
    )
    assert first.part("plain").splitlines() == ["It is failing.", ".", "A single dot."]
    assert second.to == ["jo@example.com"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_is_sent_over_tls(make: Make, authority: Authority, scheme: str) -> None:
    context = authority.context("localhost")
    server = make(context=context, tls=scheme == "smtps", users={"me@example.com": "s/cret"})
    url = f"{scheme}://me%40example.com:s%2Fcret@localhost:{server.port}"
    with SmtpClient(parse_mail_server(url), authority.file) as client:
        client.send(email())
    [received] = server.accepted
    assert (received.tls, received.user) == (True, "me@example.com")


def test_nothing_is_sent_to_an_untrusted_server(make: Make, authority: Authority) -> None:
    server = make(context=authority.context("localhost"))
    client = SmtpClient(parse_mail_server(f"smtp://localhost:{server.port}"))
    with client, pytest.raises(MailRejected, match="TLS to the mail server failed") as rejected:
        client.send(email())
    assert not rejected.value.for_good
    assert server.accepted == []


def test_a_password_is_not_sent_without_tls(make: Make) -> None:
    server = make(users={"me": "secret"})
    url = f"smtp://me:secret@127.0.0.1:{server.port}?starttls=required"
    with (
        SmtpClient(parse_mail_server(url)) as client,
        pytest.raises(MailRejected, match="STARTTLS"),
    ):
        client.send(email())


@pytest.mark.parametrize(
    ("reply", "for_good"), [("550 no such mailbox", True), ("451 try later", False)]
)
def test_a_rejected_recipient_does_not_affect_the_next_email(
    make: Make, reply: str, for_good: bool
) -> None:
    server = make(refuse={"gone@example.com": reply})
    with SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{server.port}")) as client:
        with pytest.raises(MailRejected, match=reply) as rejected:
            client.send(email("gone@example.com"))
        assert rejected.value.for_good is for_good
        client.send(email())
    assert len(server.accepted) == 1


def test_a_rejected_password_is_reported_in_the_words_of_the_server(make: Make) -> None:
    server = make(users={"me": "secret"})
    client = SmtpClient(parse_mail_server(f"smtp://me:wrong@127.0.0.1:{server.port}"))
    with client, pytest.raises(MailRejected, match="535 incorrect user or password") as rejected:
        client.send(email())
    assert "wrong" not in str(rejected.value)


def test_an_unreachable_server_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    client = SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{port}"))
    with client, pytest.raises(MailRejected, match="cannot be reached"):
        client.send(email())
