"""How commands end, and what they print; each calls a server over a socket."""

import io
import json
import stat
import subprocess
import sys
from typing import ClassVar

import click
import pytest

from callboard.cli import profiles
from callboard.cli.main import cli, run

PAGE = {"data": [], "next_cursor": None}
DELIVERY = {
    "id": "d-1", "state": "failed", "event_type": "a.b", "webhook_name": "Player\x1b[31m",
    "url": "https://example.com", "attempt_count": 3, "last_status": 503, "last_cause": "status",
    "created_at": "2026-02-24T11:52:20Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("CALLBOARD_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config" / "profiles.json"


@pytest.fixture
def logged_in(server, monkeypatch):
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")


@pytest.fixture
def type_in(monkeypatch):
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def commands(group=cli, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_each_command_has_help(path, capsys):
    assert run([*path, "--help"]) == 0
    assert f"Usage: callboard {' '.join(path)}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["events", "list", "--limit", "0"],
        ["webhooks", "create"],
        ["deliveries", "list", "--state", "lost"],
        ["webhooks", "list"],
        ["--profile", "none", "webhooks", "list"],
        ["trigger", "a", "--data", "{"],
        ["trigger", "a", "--data", "[]"],
        ["trigger", "a", "--data", "@nowhere"],
        ["trigger", "a", "--data", '{"n": NaN}'],
        ["trigger", "a", "--data", "[" * 100_000],
        ["events", "send", "nowhere"],
        ["verify", "--secret", "whsec_x", "-H", "no-colon"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_usage_error_is_one_line_and_exits_with_2(arguments, capsys):
    assert run(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_empty_id_is_a_usage_error(logged_in, capsys):
    assert run(["webhooks", "show", ""]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_invalid_url_is_an_error(monkeypatch, capsys):
    monkeypatch.setenv("CALLBOARD_URL", "http://exa mple:port")
    monkeypatch.setenv("CALLBOARD_API_KEY", "k")
    assert run(["webhooks", "list"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_without_arguments_the_help_is_printed(capsys):
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_an_api_error_is_one_line_and_exits_with_1(server, logged_in, problem, capsys):
    field = {"field": "url", "code": "url", "problem": "It is\nnone.", "remedy": "Use https."}
    server.responds_with(problem(422, "invalid", "url", errors=[field]))
    assert run(["webhooks", "create", "x"]) == 1
    assert capsys.readouterr().err == "Error: url: It is none. Use https.\n"


def test_an_unknown_key_shows_how_to_log_in(server, logged_in, problem, capsys):
    server.responds_with(problem(401, "unauthorized"))
    assert run(["events", "list"]) == 1
    assert "Run: callboard login" in capsys.readouterr().err


def test_an_unreachable_server_exits_with_3(logged_in, server, Response, monkeypatch, capsys):
    server.responds_with(Response(502))
    assert run(["deliveries", "resend", "d"]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_closed_pipe_is_not_an_error(server, logged_in, Response):
    server.responds_with(Response(200, {"data": [DELIVERY] * 2000, "next_cursor": None}))
    command = [sys.executable, "-m", "callboard", "deliveries", "list", "--limit", "2000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_a_table_contains_no_control_characters(server, logged_in, Response, capsys):
    server.responds_with(Response(200, {"data": [DELIVERY], "next_cursor": None}))
    assert run(["deliveries", "list"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["ID", "STATE", "EVENT"]
    assert "\x1b" not in row
    assert "Player [31m" in row


def test_json_is_one_object_per_line(server, logged_in, Response, capsys):
    server.responds_with(Response(200, {"data": [DELIVERY, DELIVERY], "next_cursor": None}))
    assert run(["deliveries", "list", "--json", "--state", "failed", "--state", "skipped"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["d-1", "d-1"]
    assert server.requests[0].query["state"] == "failed,skipped"


def test_login_stores_the_key_readable_by_its_owner_only(server, Response, config, type_in, capsys):
    server.responds_with(Response(200, PAGE))
    type_in("cb_key\n")
    assert run(["login", "--url", server.url, "--no-keyring"]) == 0
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert run(["webhooks", "list"]) == 0
    assert server.requests[-1].headers["Authorization"] == "Bearer cb_key"


def test_login_checks_the_key_before_storing_it(server, problem, config, type_in):
    server.responds_with(problem(401, "unauthorized"))
    type_in("cb_wrong\n")
    assert run(["login", "--url", server.url]) == 1
    assert not config.exists()


def test_a_key_without_the_read_scope_can_log_in(server, problem, config, type_in):
    server.responds_with(problem(403, "forbidden", "This key lacks the scope deliveries:read."))
    type_in("cb_producer\n")
    assert run(["login", "--url", server.url, "--no-keyring"]) == 0
    assert config.exists()


def test_the_key_is_stored_in_the_keyring_if_available(server, Response, config, type_in):
    import keyring
    from keyring.backend import KeyringBackend

    class Memory(KeyringBackend):
        priority = 1
        stored: ClassVar[dict] = {}

        def set_password(self, service, username, password):
            self.stored[service, username] = password

        def get_password(self, service, username):
            return self.stored.get((service, username))

        def delete_password(self, service, username):
            del self.stored[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        server.responds_with(Response(200, PAGE))
        type_in("cb_secret\n")
        assert run(["login", "--url", server.url, "--profile", "live"]) == 0
        assert "cb_secret" not in config.read_text()
        assert run(["webhooks", "list"]) == 0
        assert server.requests[-1].headers["Authorization"] == "Bearer cb_secret"
        assert run(["logout"]) == 0
        assert Memory.stored == {}
    finally:
        keyring.set_keyring(before)


def test_profiles_are_selected_by_name(server, Response, capsys):
    server.responds_with(Response(200, PAGE))
    first, second = profiles.Profile(server.url, "k1"), profiles.Profile(server.url, "k2", "o-2")
    profiles.save(profiles.Profiles("one", {"one": first, "two": second}))
    assert run(["webhooks", "list"]) == run(["--profile", "two", "webhooks", "list"]) == 0
    keys = [request.headers["Authorization"] for request in server.requests]
    assert keys == ["Bearer k1", "Bearer k2"]
    assert server.requests[1].headers["Callboard-Organization"] == "o-2"


def test_the_environment_overrides_the_profile(server, Response, monkeypatch):
    server.responds_with(Response(200, PAGE))
    stored = profiles.Profile("http://127.0.0.1:1", "k1", "o-1")
    profiles.save(profiles.Profiles("one", {"one": stored}))
    monkeypatch.setenv("CALLBOARD_URL", server.url)
    monkeypatch.setenv("CALLBOARD_API_KEY", "k2")
    assert run(["webhooks", "list"]) == 0
    assert server.requests[0].headers["Authorization"] == "Bearer k2"
    assert server.requests[0].headers["Callboard-Organization"] is None


def test_an_invalid_profile_file_is_named(config, capsys):
    config.parent.mkdir()
    config.write_text("{")
    assert run(["webhooks", "list"]) == 1
    assert str(config) in capsys.readouterr().err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell, capsys):
    assert run(["completion", shell]) == 0
    assert "_CALLBOARD_COMPLETE" in capsys.readouterr().out


def test_bash_completes_commands(monkeypatch):
    command = [sys.executable, "-c", "from callboard.cli.main import main; main()"]
    monkeypatch.setenv("_CALLBOARD_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "callboard web")
    monkeypatch.setenv("COMP_CWORD", "1")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["plain,webhooks"]
