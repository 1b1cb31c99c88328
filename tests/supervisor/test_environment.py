"""What script/server makes up, and what it leaves as it was given."""

from pathlib import Path

import pytest

from app.supervisor.environment import prepare
from app.supervisor.trouble import CannotStart

GIVEN_SECRET = "given-from-outside-0123456789-abcdef"


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    _, first = prepare({"DATA_DIR": str(tmp_path)})
    _, second = prepare({"DATA_DIR": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 48
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_from_outside_is_used_and_not_kept(tmp_path: Path) -> None:
    environ, settings = prepare({"DATA_DIR": str(tmp_path), "SECRET_KEY": GIVEN_SECRET})
    assert settings.secret_key == environ["SECRET_KEY"] == GIVEN_SECRET
    assert not (tmp_path / "secret_key").exists()


def test_the_data_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    prepare({"DATA_DIR": str(tmp_path / "a" / "b")})
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("given", "wanted"), [(None, ()), ("", ()), ("10.0.0.0/8", ("10.0.0.0/8",))]
)
def test_no_private_network_is_allowed_by_default(
    tmp_path: Path, given: str | None, wanted: tuple[str, ...]
) -> None:
    more = {} if given is None else {"ALLOWED_PRIVATE_NETWORKS": given}
    _, settings = prepare({"DATA_DIR": str(tmp_path), **more})
    assert tuple(map(str, settings.allowed_private_networks)) == wanted


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="PORT must be a whole number"):
        prepare({"DATA_DIR": str(tmp_path), "PORT": "eighty"})


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"DATA_DIR .* cannot be used"):
        prepare({"DATA_DIR": str(tmp_path / "file" / "data")})
