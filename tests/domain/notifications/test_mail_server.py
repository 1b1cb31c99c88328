import pytest

from app.domain.notifications.mail_server import parse_mail_server


@pytest.mark.parametrize(
    ("url", "port", "starttls", "sender"),
    [
        ("smtp://mail.example.com", 25, "offered", None),
        ("smtp://me:x@mail.example.com", 587, "required", None),
        ("smtp://me@x.org:x@mail.example.com:2525", 2525, "required", "me@x.org"),
        ("smtp://me:x@localhost", 587, "offered", None),
        ("smtp://me:x@mail.example.com?starttls=never", 587, "never", None),
        ("smtps://me:x@mail.example.com?from=a@b.org", 465, "required", "a@b.org"),
        ("smtp://[::1]:25/", 25, "offered", None),
    ],
)
def test_missing_parts_of_a_url_have_defaults(
    url: str, port: int, starttls: str, sender: str | None
) -> None:
    server = parse_mail_server(url)
    assert (server.port, server.starttls, server.sender) == (port, starttls, sender)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com",
        "http://me:pass@mail.example.com",
        "smtp://",
        "smtp://me:pa/ss@mail.example.com",
        "smtp://me:pass@mail.example.com:99999",
        "smtp://me:pass@mail.example.com/inbox",
        "smtp://me:pass@mail.example.com?form=a@b.org",
        "smtp://me:pass@mail.example.com?from=pass",
        "smtp://me:pass@mail.example.com?starttls=maybe",
    ],
)
def test_an_invalid_url_is_rejected_without_showing_its_password(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_mail_server(url)
    assert "pass" not in str(refused.value).replace("a / in a password", "")
