import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from app import create_app
from app.cli.__main__ import main
from app.models.common.base import db
from app.queries.accounts import users as accounts
from app.runtime.configuration.settings import load_settings
from app.runtime.vault import fingerprint
from app.services.accounts import organizations
from tests.services.people import with_app
from tests.support.databases import SECRET_KEY

NEW_KEY = "a-new-secret-key-for-tests-0123456789"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    variables = {
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": SECRET_KEY,
        "PUBLIC_URL": "https://hooks.example.com/callboard",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def run(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        output = capsys.readouterr()
        return code, output.out, output.err

    return command


def visit(environ: dict[str, str], link: str) -> TestResponse:
    """Open the printed link."""
    app = create_app(load_settings(environ))
    with app.app_context():
        response = app.test_client().get(link.strip().removeprefix(environ["PUBLIC_URL"]))
        db.session.remove()
        db.engine.dispose()
    return response


def test_the_first_run_prints_a_link_and_a_curl_command(run: Run, environ: dict[str, str]) -> None:
    code, out, _ = run("migrate", "first-owner-link", "demo-curl")
    link, curl = out.splitlines()
    assert code == 0
    assert link.startswith("https://hooks.example.com/callboard/sign-in/link/")
    assert curl.startswith("curl https://hooks.example.com/callboard/api/v1/events ")
    assert visit(environ, link).location.endswith("/welcome")


def test_after_the_first_sign_in_no_key_is_printed(run: Run, environ: dict[str, str]) -> None:
    _, link, _ = run("migrate", "first-owner-link")
    visit(environ, link)
    _, out, _ = run("first-owner-link", "demo-curl")
    assert "curl" not in out


def test_a_user_gets_a_sign_in_link(run: Run, environ: dict[str, str]) -> None:
    run("migrate", "first-owner-link")
    _, link, _ = run("sign-in-link", "--email", "Owner@localhost")
    assert visit(environ, link).status_code == 303


def test_a_user_gets_a_link_that_sets_a_new_password(run: Run, environ: dict[str, str]) -> None:
    run("migrate", "first-owner-link")
    _, link, _ = run("password-reset-link", "--email", "owner@localhost")
    assert link.startswith("https://hooks.example.com/callboard/password-reset/")
    assert "Choose a new password" in visit(environ, link).text


def test_the_operator_removes_two_factor_authentication(run: Run, environ: dict[str, str]) -> None:
    run("migrate", "first-owner-link")
    app = create_app(load_settings(environ))
    with app.app_context():
        user = accounts.user_by_email("owner@localhost")
        assert user
        with_app(user)
        db.session.remove()
        db.engine.dispose()
    _, out, _ = run("remove-two-factor", "--email", "owner@localhost")
    assert out == "owner@localhost now signs in without a code.\n"
    code, _, err = run("remove-two-factor", "--email", "owner@localhost")
    assert (code, err) == (1, "Two-factor authentication is not on.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["migrate", "sign-in-link", "--email", "nobody@example.com"], "No user has"),
        (["migrate", "sign-in-link"], "email address"),
    ],
)
def test_an_error_is_one_line_on_stderr(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err


def test_an_invalid_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    code, _, err = run("migrate")
    assert code == 1
    assert re.match("SECRET_KEY must be", err)


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    code, _, err = run("migrat")
    assert code == 2
    assert "No such command 'migrat'" in err


def test_another_secret_key_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate")
    monkeypatch.setenv("SECRET_KEY", NEW_KEY)
    code, out, err = run("migrate")
    assert (code, out) == (1, "")
    assert re.fullmatch(
        r"SECRET_KEY does not match the database: it was encrypted with key [0-9a-f]{8}, this is"
        r" [0-9a-f]{8}\. Set SECRET_KEY to that key, or add it to SECRET_KEY_PREVIOUS\.\n",
        err,
    )


def test_the_secret_key_is_rotated(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("migrate", "first-owner-link", "demo-curl")
    monkeypatch.setenv("SECRET_KEY", NEW_KEY)
    monkeypatch.setenv("SECRET_KEY_PREVIOUS", SECRET_KEY)
    code, out, _ = run("rotate-secret-key")
    assert code == 0
    assert "organizations: 1 rows examined, 1 secrets resealed, 0 unreadable\n" in out
    assert f"The database is encrypted with key {fingerprint(NEW_KEY)}." in out
    monkeypatch.delenv("SECRET_KEY_PREVIOUS")
    assert run("migrate")[0] == 0
    monkeypatch.setenv("SECRET_KEY", SECRET_KEY)
    assert run("rotate-secret-key")[0] == 1


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["worker.py"], 1),
        pytest.param(["-m", "gunicorn", "wsgi:app"], 4, marks=pytest.mark.long),
    ],
)
def test_a_process_with_another_key_ends_with_one_line(
    run: Run, environ: dict[str, str], command: list[str], expected: int
) -> None:
    run("migrate")
    finished = subprocess.run(
        [sys.executable, *command],
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | environ | {"SECRET_KEY": NEW_KEY, "REDIS_URL": "redis://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert finished.returncode == expected, finished.stderr
    assert finished.stderr.count("SECRET_KEY does not match the database") == 1
    assert "Traceback" not in finished.stderr


def test_quotas_are_shown_and_changed(run: Run, environ: dict[str, str]) -> None:
    run("migrate")
    app = create_app(load_settings(environ))
    with app.app_context():
        organization_id = organizations.create("Acme").id
        db.session.remove()
        db.engine.dispose()
    _, out, _ = run("quotas", "--webhooks", "5", "--requests-per-host", "default", organization_id)
    assert out.splitlines() == [
        "webhooks: 5 (0 used, own)",
        "deliveries_per_event: 1000 (default)",
        "requests_per_host: 100 (default)",
    ]
    code, _, err = run("quotas", "--webhooks", "many", organization_id)
    assert code == 1
    assert err == "webhooks: 'many' is not valid.\n"


def test_a_platform_owner_is_added_and_removed_but_not_the_last(
    run: Run, environ: dict[str, str]
) -> None:
    run("migrate", "first-owner-link")
    assert run("platform-owner", "--email", "nobody@example.com")[0] == 1
    code, out, err = run("platform-owner", "--email", "owner@localhost", "--remove")
    assert (code, out) == (1, "")
    assert "Make someone else one first" in err
    code, out, _ = run("platform-owner", "--email", "owner@localhost")
    assert (code, out) == (0, "owner@localhost is a platform owner.\n")
