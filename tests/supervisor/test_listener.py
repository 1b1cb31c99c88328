"""The one port that is open to others."""

import socket
from pathlib import Path

import pytest

from app.runtime.settings import Settings
from app.supervisor.environment import prepare
from app.supervisor.listener import listen
from app.supervisor.trouble import CannotStart


def _settings(tmp_path: Path, host: str, port: int) -> Settings:
    given = {"DATA_DIR": str(tmp_path), "HOST": host, "PORT": str(port)}
    return prepare(given)[1]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_it_takes_connections_before_the_web_is_up(tmp_path: Path, host: str) -> None:
    port = _free_port()
    with listen(_settings(tmp_path, host, port)), socket.create_connection(("localhost", port)):
        pass


def test_a_port_that_is_taken_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"PORT {port} is taken.*PORT={port + 1}"):
            listen(_settings(tmp_path, "127.0.0.1", port))


def test_a_host_that_is_none_of_ours_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="cannot be listened on"):
        listen(_settings(tmp_path, "192.0.2.1", _free_port()))
