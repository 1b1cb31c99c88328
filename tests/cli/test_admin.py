"""`callboard-admin`, as an operator types it."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from app.cli.__main__ import main
from app.cli.admin import admin
from app.cli.group import commands
from tests.support.databases import SECRET_KEY

Run = Callable[..., tuple[int, str, str]]
PASSWORD = "the-redis-password"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("REDIS_URL", f"redis://:{PASSWORD}@127.0.0.1:1")

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments), admin, "callboard-admin")
        output = capsys.readouterr()
        return code, output.out, output.err

    assert command("migrate")[0] == 0
    return command


@pytest.mark.parametrize("group", [admin, commands], ids=["callboard-admin", "python -m app.cli"])
def test_the_help_of_a_command_needs_no_settings(
    group: click.Group, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["callboard-admin", "check", "--help"])
    assert main(["check", "--help"], group, "callboard-admin") == 0
    assert "Find rows that do not fit together" in capsys.readouterr().out


def test_an_organization_a_user_and_a_key_are_created(run: Run) -> None:
    code, out, _ = run("create", "organization", "Acme", "--owner", "ada@example.com")
    organization_id, link = out.splitlines()
    assert code == 0
    assert link.startswith("http://127.0.0.1:8000/invitations/")
    _, out, _ = run("create", "user", "bob@example.com", "--organization", organization_id)
    assert out.startswith("http://127.0.0.1:8000/invitations/")
    scope = ["--scope", "events:write", "--expires", "2099-01-01T00:00:00Z"]
    _, out, _ = run("create", "key", "--organization", organization_id, *scope)
    assert out.startswith("cb_")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "organization", ""], "name"),
        (["create", "user", "nobody", "--organization", "x"], "email"),
        (["create", "key", "--scope", "everything"], "scopes"),
    ],
)
def test_wrong_values_are_one_sentence(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err


def test_a_sound_installation_passes_the_check(run: Run) -> None:
    code, out, _ = run("check")
    assert code == 0
    assert "Open deliveries that are not in the due queue: none\n" in out
    assert run("check", "--repair")[0] == 0


def test_upkeep_says_what_it_did(run: Run) -> None:
    _, organization_id, _ = run("create", "organization", "Acme")
    assert run("requeue", organization_id.strip())[1] == "Queued 0 deliveries.\n"
    assert run("prune")[1] == "Deleted 0 events; 0 are left.\n"
    assert run("vacuum")[1].startswith("Size of the database: ")


def test_settings_are_shown_with_their_origin(run: Run) -> None:
    _, out, _ = run("settings")
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
    assert rows["SECRET_KEY"] == ["(set)", "environment"]
    assert rows["REDIS_URL"] == ["redis://:***@127.0.0.1:1", "environment"]
    assert rows["PORT"] == ["8000", "default"]


def test_the_support_bundle_holds_no_secret(run: Run, tmp_path: Path) -> None:
    run("create", "organization", "A tenant's name")
    file = tmp_path / "bundle.zip"
    code, out, _ = run("support-bundle", str(file))
    assert (code, file.stat().st_mode & 0o777) == (0, 0o600)
    assert "Look into it before you pass it on." in out
    with zipfile.ZipFile(file) as bundle:
        files = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert json.loads(files["database.json"])["rows"]["organizations"] == 1
    assert json.loads(files["about.json"])["version"]
    text = "".join(files.values())
    for secret in (SECRET_KEY, PASSWORD, "A tenant's name"):
        assert secret not in text


def test_an_error_is_an_object_where_the_log_is_json(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "LOG_FORMAT": "json"}
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.admin", "check"],
        env=environ | {"SECRET_KEY": "short"},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert json.loads(line)["message"].startswith("SECRET_KEY must be set")
