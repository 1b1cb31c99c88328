import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app.domain.notifications.mail_server import parse_mail_server
from app.sending.email import MailRejected, SmtpClient
from tests.support.certificates import Authority
from tests.support.mail_server import MailServer

Make = Callable[..., MailServer]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[MailServer] = []

    def start(**options: Any) -> MailServer:
        made.append(MailServer(**options))
        return made[-1]

    yield start
    for server in made:
        server.close()


def letter(to: str = "mara@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "callboard@example.com", to, "News"
    message.set_content("It is failing.\n.\nA dot stood alone.")
    return message


def test_mail_is_handed_in(make: Make) -> None:
    server = make()
    with SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{server.port}")) as post:
        post.send(letter())
        post.send(letter("jo@example.com"))
    first, second = server.taken
    assert (first.sender, first.to, first.tls) == (
        "callboard@example.com",
        ["mara@example.com"],
        False,
    )
    assert first.part("plain").splitlines() == ["It is failing.", ".", "A dot stood alone."]
    assert second.to == ["jo@example.com"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_over_tls(make: Make, authority: Authority, scheme: str) -> None:
    context = authority.context("localhost")
    server = make(context=context, tls=scheme == "smtps", users={"me@example.com": "s/cret"})
    url = f"{scheme}://me%40example.com:s%2Fcret@localhost:{server.port}"
    with SmtpClient(parse_mail_server(url), authority.file) as post:
        post.send(letter())
    [taken] = server.taken
    assert (taken.tls, taken.user) == (True, "me@example.com")


def test_a_server_that_is_not_trusted_gets_nothing(make: Make, authority: Authority) -> None:
    server = make(context=authority.context("localhost"))
    post = SmtpClient(parse_mail_server(f"smtp://localhost:{server.port}"))
    with post, pytest.raises(MailRejected, match="TLS to the mail server failed") as refused:
        post.send(letter())
    assert not refused.value.for_good
    assert server.taken == []


def test_a_password_is_not_sent_in_the_clear(make: Make) -> None:
    server = make(users={"me": "secret"})
    url = f"smtp://me:secret@127.0.0.1:{server.port}?starttls=required"
    with SmtpClient(parse_mail_server(url)) as post, pytest.raises(MailRejected, match="STARTTLS"):
        post.send(letter())


@pytest.mark.parametrize(
    ("answer", "for_good"), [("550 no such mailbox", True), ("451 try later", False)]
)
def test_an_address_that_is_refused(make: Make, answer: str, for_good: bool) -> None:
    server = make(refuse={"gone@example.com": answer})
    with SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{server.port}")) as post:
        with pytest.raises(MailRejected, match=answer) as refused:
            post.send(letter("gone@example.com"))
        assert refused.value.for_good is for_good
        post.send(letter())
    assert len(server.taken) == 1


def test_a_wrong_password_is_told_with_the_servers_words(make: Make) -> None:
    server = make(users={"me": "secret"})
    post = SmtpClient(parse_mail_server(f"smtp://me:wrong@127.0.0.1:{server.port}"))
    with post, pytest.raises(MailRejected, match="535 no such user") as refused:
        post.send(letter())
    assert "wrong" not in str(refused.value)


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    post = SmtpClient(parse_mail_server(f"smtp://127.0.0.1:{port}"))
    with post, pytest.raises(MailRejected, match="cannot be reached"):
        post.send(letter())
