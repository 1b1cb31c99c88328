"""Members, invitations and notifications."""

import json

import pytest

from callboard.cli.main import run

ADA = {
    "id": "u-1", "email": "ada@example.com", "name": "Ada", "role": "member",
    "has_two_factor": True, "signed_in_at": None, "joined_at": "2026-02-24T11:52:20Z",
}  # fmt: skip
INVITATION = {
    "id": "i-1", "email": "bo@example.com", "role": "viewer", "email_state": None,
    "created_at": "2026-02-24T11:52:20Z", "expires_at": "2026-03-03T11:52:20Z",
}  # fmt: skip
LINK = "https://callboard.example.com/invitations/x"


@pytest.fixture(autouse=True)
def settings(server, monkeypatch, tmp_path):
    monkeypatch.setenv("CALLBOARD_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "platform")
    monkeypatch.setenv("CALLBOARD_ORGANIZATION", "o-1")


@pytest.fixture
def sent(server, Response):
    """(method, path, document) of what is changed."""
    changes = []

    def respond(request):
        path = request.path.removeprefix("/api/v1/organizations/o-1/")
        if request.method != "GET":
            changes.append((request.method, path, request.json() if request.body else None))
        if request.method == "DELETE":
            return Response(204)
        if path.endswith("notifications"):
            kinds = request.json()["kinds"] if request.body else ["webhook.failing"]
            return Response(200, {"kinds": kinds, "is_default": False})
        if path.endswith("test"):
            return Response(200, {"to": "ada@example.com"})
        if path.startswith("invitations"):
            rows = {"data": [INVITATION], "next_cursor": None}
            return Response(200, rows if request.method == "GET" else INVITATION | {"url": LINK})
        if path == "members":
            return Response(200, {"data": [ADA], "next_cursor": None})
        return Response(200, ADA | (request.json() if request.body else {}))

    server.respond = respond
    return changes


@pytest.mark.parametrize(
    ("arguments", "change"),
    [
        (["members", "role", "ada@example.com", "viewer"],
         ("PATCH", "members/u-1", {"role": "viewer"})),
        (["members", "remove", "u-1", "--yes"], ("DELETE", "members/u-1", None)),
        (["invitations", "create", "bo@example.com", "--role", "viewer"],
         ("POST", "invitations", {"email": "bo@example.com", "role": "viewer"})),
        (["invitations", "resend", "i-1"], ("POST", "invitations/i-1/resend", None)),
        (["invitations", "revoke", "i-1"], ("DELETE", "invitations/i-1", None)),
        (["notifications", "set", "ADA@example.com", "webhook.failing,delivery.failed"],
         ("PATCH", "members/u-1/notifications",
          {"kinds": ["webhook.failing", "delivery.failed"]})),
        (["notifications", "set", "u-1", "none"],
         ("PATCH", "members/u-1/notifications", {"kinds": []})),
        (["notifications", "test", "u-1"], ("POST", "members/u-1/notifications/test", None)),
    ],
)  # fmt: skip
def test_each_command_changes_what_it_says(arguments, change, sent):
    assert run(arguments) == 0
    assert sent == [change]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["members", "list"], "ada@example.com"),
        (["members", "show", "ada@example.com"], "Ada"),
        (["invitations", "list"], "bo@example.com"),
        (["notifications", "show", "u-1"], "webhook.failing"),
    ],
)
def test_lists_and_things_are_shown(arguments, shown, sent, capsys):
    assert run(arguments) == 0
    assert shown in capsys.readouterr().out
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert sent == []


@pytest.mark.usefixtures("sent")
def test_the_link_of_an_invitation_is_the_only_line_of_output(capsys):
    assert run(["invitations", "create", "bo@example.com"]) == 0
    assert capsys.readouterr().out == f"{LINK}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["members", "show", "eve@example.com"], 1, "eve@example.com is not a member"),
        (["members", "role", "u-1", "king"], 2, "'king' is not one of"),
        (["notifications", "set", "u-1", "x"], 2, "use webhook.disabled"),
        (["notifications", "set", "u-1", ","], 2, "use webhook.disabled"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, code, said, sent, capsys):
    assert run(arguments) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sent == []


def test_without_an_organization_it_says_how_to_name_one(sent, monkeypatch, capsys):
    monkeypatch.delenv("CALLBOARD_ORGANIZATION")
    assert run(["members", "list"]) == 2
    assert "CALLBOARD_ORGANIZATION" in capsys.readouterr().err


def test_a_wrong_id_is_refused_with_what_to_check(server, problem, capsys):
    server.responds_with(problem(404, "not_found", "Not found"))
    assert run(["deliveries", "show", "d"]) == 1
    assert capsys.readouterr().err == (
        "Error: Not found. Check the ID, and the server: callboard profiles\n"
    )


def test_a_platform_key_without_an_organization_exits_with_2(server, problem, capsys):
    server.responds_with(problem(400, "organization_missing", "Needs a header."))
    assert run(["events", "list"]) == 2
    assert "callboard --organization ID" in capsys.readouterr().err


def test_a_url_that_is_none_exits_with_2(monkeypatch, capsys):
    monkeypatch.setenv("CALLBOARD_URL", "x")
    assert run(["events", "list"]) == 2
    error = capsys.readouterr().err
    assert "'x' is not a URL such as" in error
    assert error.count("\n") == 1
