"""A running process whose port a new one takes over."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.supervisor.errors import CannotStart
from app.supervisor.predecessor import Predecessor
from tests.support import children
from tests.support.waiting import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")

LISTENS = """
import socket
with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as other:
    print(listener.getsockname()[1], flush=True)
    input()
"""


@pytest.fixture
def running() -> Iterator[subprocess.Popen[bytes]]:
    process = children.start(
        [sys.executable, "-c", LISTENS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    yield process
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_its_port_stays_open_after_its_end(running: subprocess.Popen[bytes]) -> None:
    port = int(running.stdout.readline())
    predecessor = Predecessor(running.pid)
    listener = predecessor.listener(port)
    assert listener is not None
    with listener, socket.create_connection(("127.0.0.1", port)):
        predecessor.stop()
        running.wait(10)
        eventually(lambda: predecessor.has_ended)
        with socket.create_connection(("127.0.0.1", port)) as client:
            for _ in range(2):
                accepted, address = listener.accept()
                accepted.close()
            assert address == client.getsockname()


def test_a_port_that_it_does_not_listen_on_is_not_taken_over(
    running: subprocess.Popen[bytes],
) -> None:
    port = int(running.stdout.readline())
    assert Predecessor(running.pid).listener(port + 1) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="Needs root, to become somebody else.")
def test_a_process_of_another_user_is_refused_in_one_sentence(
    running: subprocess.Popen[bytes],
) -> None:
    assert running.stdout is not None
    port = int(running.stdout.readline())
    predecessor = Predecessor(running.pid)
    os.seteuid(65534)
    try:
        with pytest.raises(CannotStart, match="does not let one process take the port"):
            predecessor.listener(port)
    finally:
        os.seteuid(0)


def test_it_has_not_ended_while_it_runs(running: subprocess.Popen[bytes]) -> None:
    predecessor = Predecessor(running.pid)
    assert not predecessor.has_ended
    predecessor.kill()
    running.wait(10)
    eventually(lambda: predecessor.has_ended)
    # Both may come too late.
    predecessor.stop()
    predecessor.kill()
