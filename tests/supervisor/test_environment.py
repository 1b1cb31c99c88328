"""Defaults that script/server adds to the environment."""

from pathlib import Path

import pytest

from app.supervisor.commands import worker_children
from app.supervisor.environment import prepare
from app.supervisor.errors import CannotStart

SECRET = "from-the-environment-0123456789-abcdef"


def test_a_secret_key_is_generated_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    _, first = prepare({"DATA_DIR": str(tmp_path)})
    _, second = prepare({"DATA_DIR": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 48
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_key_from_the_environment_is_not_stored(tmp_path: Path) -> None:
    environ, settings = prepare({"DATA_DIR": str(tmp_path), "SECRET_KEY": SECRET})
    assert settings.secret_key == environ["SECRET_KEY"] == SECRET
    assert not (tmp_path / "secret_key").exists()


def test_the_data_directory_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    prepare({"DATA_DIR": str(tmp_path / "a" / "b")})
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_an_existing_data_directory_gets_its_mode_corrected(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    prepare({"DATA_DIR": str(tmp_path)})
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("value", "networks"), [(None, ()), ("", ()), ("10.0.0.0/8", ("10.0.0.0/8",))]
)
def test_no_private_network_is_allowed_by_default(
    tmp_path: Path, value: str | None, networks: tuple[str, ...]
) -> None:
    setting = {} if value is None else {"ALLOWED_PRIVATE_NETWORKS": value}
    _, settings = prepare({"DATA_DIR": str(tmp_path), **setting})
    assert tuple(map(str, settings.allowed_private_networks)) == networks


def test_an_invalid_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="PORT must be a whole number"):
        prepare({"DATA_DIR": str(tmp_path), "PORT": "eighty"})


def test_a_data_directory_that_is_not_writable_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"DATA_DIR .* is not writable"):
        prepare({"DATA_DIR": str(tmp_path / "file" / "data")})


def test_a_start_without_any_process_is_refused(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "WEB_WORKERS": "0", "DELIVERY_WORKERS": "0"}
    with pytest.raises(CannotStart, match="both 0"):
        prepare(environ)


@pytest.mark.parametrize(
    ("web_workers", "with_port"), [("1", [False, False]), ("0", [True, False])]
)
def test_workers_serve_metrics_only_without_a_web_process(
    tmp_path: Path, web_workers: str, with_port: list[bool]
) -> None:
    environ, settings = prepare(
        {
            "DATA_DIR": str(tmp_path),
            "WEB_WORKERS": web_workers,
            "DELIVERY_WORKERS": "2",
            "METRICS_PORT": "9300",
        }
    )
    children = worker_children(environ, settings, lock=0)
    assert ["METRICS_PORT" in child.environ for child in children] == with_port


def test_delivery_workers_can_be_left_out(tmp_path: Path) -> None:
    environ, settings = prepare({"DATA_DIR": str(tmp_path), "DELIVERY_WORKERS": "0"})
    assert worker_children(environ, settings, lock=0) == []
