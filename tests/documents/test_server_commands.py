"""Every `python -m app.cli` of the documents runs, with the words that are written there."""

import shlex
from pathlib import Path

import pytest

from app import create_app
from app.cli.__main__ import main
from app.models.common.base import db
from app.runtime.configuration.settings import load_settings
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from tests.documents import collected
from tests.services.people import person, with_app
from tests.support.databases import SECRET_KEY, SqliteTemplate

PREFIX = ".venv/bin/python -m app.cli "
COMMANDS = [
    pytest.param(command.removeprefix(PREFIX), id=f"{document}: {command.removeprefix(PREFIX)}")
    for document in collected.documents()
    for command in collected.commands(document)
    if command.startswith(PREFIX)
]


def is_run_here(_document: str, command: str) -> bool:
    return command.startswith(PREFIX)


@pytest.fixture
def organization_id(
    tmp_path: Path, sqlite_template: SqliteTemplate, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Of ada@example.com, in the installation whose settings are in the environment."""
    environ = {
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": sqlite_template.copy(tmp_path),
        "SECRET_KEY": SECRET_KEY,
        "REDIS_URL": "redis://127.0.0.1:1",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    app = create_app(load_settings(environ))
    with app.app_context():
        created = organizations.create("Acme Video", actor=SYSTEM).id
        with_app(person("ada@example.com", created, "owner", "correct horse battery"))
        person("grace@example.com")
        for email in ("grace@example.com", "ada@example.com"):
            assert main(["platform-owner", "--email", email]) == 0
        db.session.remove()
        db.engine.dispose()
    return str(created)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_succeeds(
    organization_id: str, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    words = shlex.split(command.replace("$ORGANIZATION", organization_id), comments=True)
    assert main(words) == 0, capsys.readouterr().err
