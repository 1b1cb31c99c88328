"""Recognize worker processes that have ended."""

import os
import subprocess
import sys

import pytest

from app.engine.identity import is_known_dead, own_name


def test_a_running_process_is_not_known_dead() -> None:
    assert not is_known_dead(own_name())


def test_an_ended_process_is_known_dead() -> None:
    program = "from app.engine.identity import own_name; print(own_name())"
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert is_known_dead(completed.stdout.decode().strip())


def test_a_process_with_a_reused_pid_is_told_apart_by_its_start_time() -> None:
    host, namespace, pid, started = own_name().split(" ")
    assert is_known_dead(f"{host} {namespace} {pid} {int(started) - 1}")


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "0"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        host, namespace, _, started = own_name().split(" ")
        assert is_known_dead(f"{host} {namespace} {child.pid} {started}")


@pytest.mark.parametrize("part", [0, 1])
def test_a_process_of_another_machine_or_container_is_not_known_dead(part: int) -> None:
    parts = own_name().split(" ")
    parts[part], parts[3] = "elsewhere", "1"
    assert not is_known_dead(" ".join(parts))


@pytest.mark.parametrize("name", ["", "a worker", "host namespace x 1", "host namespace 1 0"])
def test_an_invalid_name_is_not_known_dead(name: str) -> None:
    assert not is_known_dead(name)
