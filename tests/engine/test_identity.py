"""Which process a worker was."""

import os
import subprocess
import sys

import pytest

from app.engine.identity import is_known_dead, own_name


def test_a_process_that_runs_is_not_known_dead() -> None:
    assert not is_known_dead(own_name())


def test_a_process_that_ended_is_known_dead() -> None:
    program = "from app.engine.identity import own_name; print(own_name())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert is_known_dead(done.stdout.decode().strip())


def test_another_process_with_the_number_of_one_that_ended_is_not_taken_for_it() -> None:
    host, place, pid, started = own_name().split(" ")
    assert is_known_dead(f"{host} {place} {pid} {int(started) - 1}")


def test_a_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "0"]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        host, place, _, started = own_name().split(" ")
        assert is_known_dead(f"{host} {place} {child.pid} {started}")


@pytest.mark.parametrize("part", [0, 1])
def test_of_another_machine_or_container_nothing_is_known(part: int) -> None:
    parts = own_name().split(" ")
    parts[part], parts[3] = "elsewhere", "1"
    assert not is_known_dead(" ".join(parts))


@pytest.mark.parametrize("name", ["", "a worker", "host place x 1", "host place 1 0"])
def test_a_name_that_is_none_says_nothing(name: str) -> None:
    assert not is_known_dead(name)
