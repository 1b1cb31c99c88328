"""Settings from files, and variables with a misspelled name."""

import re
from pathlib import Path

import pytest

from app.runtime.configuration.environment import ConfigError
from app.runtime.configuration.names import MAX_FILE_BYTES, NAMES, misspelled, with_files
from app.runtime.configuration.settings import load_settings
from tests.support.product import ROOT

SECRET = "a-secret-of-the-tests-0123456789-abcdef"


def test_all_settings_of_the_readme_are_known() -> None:
    table = re.findall(r"^\| `([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(NAMES) == sorted(table)


def test_a_setting_is_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(SECRET + "\n")
    assert load_settings({"SECRET_KEY_FILE": str(file)}).secret_key == SECRET


@pytest.mark.parametrize("name", [name for name in NAMES if f"{name}_FILE" not in NAMES])
def test_every_setting_can_come_from_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "setting"
    file.write_bytes(b"value\r\n")
    assert with_files({f"{name}_FILE": str(file)}) == {name: "value"}


def test_a_setting_that_names_a_file_is_left_alone() -> None:
    assert with_files({"REDIS_CA_FILE": "/ca.pem"}) == {"REDIS_CA_FILE": "/ca.pem"}


def test_an_empty_file_variable_means_none() -> None:
    assert with_files({"SECRET_KEY_FILE": ""}) == {"SECRET_KEY_FILE": ""}


def test_a_setting_and_its_file_cannot_both_be_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        with_files({"SECRET_KEY": SECRET, "SECRET_KEY_FILE": str(tmp_path)})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "SECRET_KEY_FILE: cannot read .*No such file"),
        (b"x" * (MAX_FILE_BYTES + 1), "has more than 65536 bytes"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        with_files({"SECRET_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("PUBLIC_ULR", "PUBLIC_URL"),
        ("PUBLIC_UR", "PUBLIC_URL"),
        ("PUBLIC_URLS", "PUBLIC_URL"),
        ("SECRET-KEY", "SECRET_KEY"),
        ("SECRET_KEY_FILES", "SECRET_KEY_FILE"),
        ("DELIVERY_WORKER", "DELIVERY_WORKERS"),
    ],
)
def test_a_misspelled_setting_is_noticed(variable: str, name: str) -> None:
    assert list(misspelled({variable: "x"})) == [(variable, name)]


@pytest.mark.parametrize(
    "variable", ["PATH", "HOSTS", "SPORT", "LANG", "PUBLIC", "DATABASE", "SECRET_KEY", "PORT"]
)
def test_other_variables_are_left_alone(variable: str) -> None:
    assert list(misspelled({variable: "x"})) == []


def test_a_variable_beside_the_right_one_is_left_alone() -> None:
    assert list(misspelled({"DATABASE_URLS": "x", "DATABASE_URL": "y"})) == []
