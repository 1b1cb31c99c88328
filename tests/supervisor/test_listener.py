"""Opening the port."""

import socket
from pathlib import Path

import pytest

from app.runtime.configuration.settings import Settings
from app.supervisor.environment import prepare
from app.supervisor.errors import CannotStart
from app.supervisor.listener import listen
from tests.support.servers.ports import free_port


def _settings(tmp_path: Path, host: str, port: int) -> Settings:
    environ = {"DATA_DIR": str(tmp_path), "HOST": host, "PORT": str(port)}
    return prepare(environ)[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_connections_are_accepted_before_the_web_process_is_up(tmp_path: Path, host: str) -> None:
    port = free_port()
    with listen(_settings(tmp_path, host, port)), socket.create_connection(("localhost", port)):
        pass


def test_a_port_in_use_is_reported_with_an_alternative(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"PORT {port} is in use.*PORT={port + 1}"):
            listen(_settings(tmp_path, "127.0.0.1", port))


def test_an_address_of_another_machine_is_reported(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="Cannot listen on"):
        listen(_settings(tmp_path, "192.0.2.1", free_port()))
