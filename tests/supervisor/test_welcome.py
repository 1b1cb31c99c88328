"""What a start prints, at a terminal and in a log."""

from pathlib import Path

import pytest

from app.runtime.configuration.settings import Settings, load_settings
from app.supervisor import commands
from app.supervisor.welcome import Welcome
from tests.support.databases import SECRET_KEY

LINK = "http://127.0.0.1:8000/sign-in/link/abc"
CURL = "curl http://127.0.0.1:8000/api/v1/events -H 'Authorization: Bearer cb_1'"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"DATA_DIR": str(tmp_path), "SECRET_KEY": SECRET_KEY})


def test_a_terminal_gets_the_link_and_the_command(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    welcome = Welcome(settings, is_terminal=True)
    for line in (LINK, CURL):
        welcome.add(line)
    welcome.show_lines(0)
    output = capsys.readouterr().out
    assert f"\n{LINK}\n" in output
    assert f"\n{CURL}\n" in output


def test_a_log_says_how_to_get_a_key(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    welcome = Welcome(settings, is_terminal=False)
    welcome.add(LINK)
    welcome.show_lines(0)
    output = capsys.readouterr().out
    assert f"\n{LINK}\n" in output
    assert "-m app.cli demo-curl" in output


def test_after_the_first_sign_in_nothing_is_said(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    Welcome(settings, is_terminal=False).show_lines(0)
    assert capsys.readouterr().out == ""


def test_a_log_of_objects_gets_neither_link_nor_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"DATA_DIR": str(tmp_path), "SECRET_KEY": SECRET_KEY, "LOG_FORMAT": "json"}
    welcome = Welcome(load_settings(environ), is_terminal=True)
    welcome.add(LINK)
    welcome.show_lines(0)
    output = capsys.readouterr().out
    assert LINK not in output
    assert "-m app.cli first-owner-link" in output


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "10.0.0.5", "PORT": "81"}, "http://10.0.0.5:81"),
        (
            {"PUBLIC_URL": "https://hooks.example.com"},
            "http://127.0.0.1:8000 (PUBLIC_URL is https://hooks.example.com)",
        ),
    ],
)
def test_the_listening_address_is_shown_beside_the_public_one(
    environ: dict[str, str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings({"SECRET_KEY": SECRET_KEY} | environ)
    Welcome(settings, is_terminal=True).show_address()
    assert f"Ready on {expected} - stop with Ctrl-C." in capsys.readouterr().out


@pytest.mark.parametrize("with_key", [True, False])
def test_a_key_is_created_only_to_be_printed(*, with_key: bool) -> None:
    child = commands.welcome_child({}, 0, print, with_key=with_key)
    assert ("demo-curl" in child.command) is with_key
