"""Commands that ask first."""

import io

import pytest

from callboard.cli.main import run


@pytest.fixture(autouse=True)
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


@pytest.fixture
def webhook(server, Response):
    server.responds_with(Response(200, {"id": "w", "url": "https://a.com"}), Response(204))


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("typed", "ending"),
    [
        ("y\n", (0, "Deleted.", "DELETE")),
        ("n\n", (1, "Not confirmed; nothing was changed.", "GET")),
        ("", (2, "Add --yes.", "GET")),
    ],
    ids=["yes", "no", "nobody"],
)
def test_a_deletion_asks_first(server, monkeypatch, capsys, typed, ending):
    code, said, last = ending
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert run(["webhooks", "delete", "w"]) == code
    assert said in capsys.readouterr().err
    assert server.requests[-1].method == last
