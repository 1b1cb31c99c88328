"""Sandboxes, with real processes."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from app.runtime.sandbox.pool import Busy, Limits, Sandbox, Stopped
from tests.support.waiting import eventually

TASKS = "app.runtime.sandbox.schema_tasks"
LIMITS = Limits(TASKS, memory=512 << 20, cpu=0.3, wall=30.0)
# A pattern whose work doubles with each character.
_SLOW = json.dumps([[{"pattern": "^(a+)+$"}, "a" * 40 + "!"]]).encode()
_QUICK = json.dumps([[{"type": "string"}, 5]]).encode()


@pytest.fixture
def sandbox():
    sandbox = Sandbox(LIMITS, waiting=3)
    yield sandbox
    sandbox.close()


def test_a_process_runs_task_after_task(sandbox):
    [result] = sandbox.run("a", "check_schemas", _QUICK)
    assert json.loads(result)["checked"][0]["value"] == [["$", "5 is not of type 'string'"]]
    pids = sandbox.pids
    sandbox.run("b", "check_schemas", _QUICK)
    assert set(pids) <= set(sandbox.pids)


def test_a_task_that_takes_too_much_cpu_is_stopped_and_the_next_one_runs(sandbox):
    sandbox.run("a", "check_schemas", _QUICK)
    with pytest.raises(Stopped) as stopped:
        sandbox.run("a", "check_schemas", _SLOW)
    assert (stopped.value.reason, stopped.value.by_task) == ("CPU", True)
    assert sandbox.run("a", "check_schemas", _QUICK)


def test_a_task_that_takes_too_much_memory_is_stopped():
    sandbox = Sandbox(Limits(TASKS, memory=128 << 20, cpu=3.0, wall=30.0))
    with pytest.raises(Stopped) as stopped:
        sandbox.run("a", "read_yaml", json.dumps("[" + "[]," * 2_000_000 + "]").encode())
    assert (stopped.value.reason, stopped.value.by_task) == ("memory", True)
    sandbox.close()


def test_a_process_that_was_killed_is_replaced_and_the_task_repeated(sandbox):
    sandbox.run("a", "check_schemas", _QUICK)
    [pid] = sandbox.pids
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: _is_gone(pid))
    assert sandbox.run("a", "check_schemas", _QUICK)
    assert sandbox.pids != [pid]


def test_a_process_that_hangs_is_killed_at_its_deadline(sandbox):
    sandbox.run("a", "check_schemas", _QUICK)
    [process] = sandbox._processes
    # That of the next process remains long, for a busy machine.
    process._limits = replace(LIMITS, wall=0.5)
    os.kill(process.pid, signal.SIGSTOP)
    # The first process ends at the deadline; another does the task.
    assert sandbox.run("a", "check_schemas", _QUICK)
    assert _is_gone(process.pid)


def test_others_do_not_wait_for_the_tasks_of_one_key(sandbox):
    for task in [sandbox.submit(key, "check_schemas", _QUICK) for key in "ab"]:
        task.result()
    assert len(sandbox.pids) == 2
    slow = [sandbox.submit("a", "check_schemas", _SLOW) for _ in range(3)]
    sandbox.run("b", "check_schemas", _QUICK)
    assert not slow[-1].done()


def test_a_key_has_a_bounded_queue(sandbox):
    running = sandbox.submit("a", "check_schemas", _SLOW)
    eventually(running.running)
    for _ in range(3):
        sandbox.submit("a", "check_schemas", _SLOW)
    with pytest.raises(Busy):
        sandbox.submit("a", "check_schemas", _SLOW)
    assert sandbox.run("b", "check_schemas", _QUICK)


def test_a_wait_that_takes_too_long_ends(sandbox):
    slow = sandbox.submit("a", "check_schemas", _SLOW)
    with pytest.raises(Busy):
        sandbox.run("a", "check_schemas", _QUICK, wait=0.01)
    with pytest.raises(Stopped):
        slow.result()


def test_a_process_has_no_environment(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "secret")
    sandbox.run("a", "check_schemas", _QUICK)
    assert Path(f"/proc/{sandbox.pids[0]}/environ").read_bytes() == b""


def test_a_process_ends_with_its_sandbox():
    sandbox = Sandbox(LIMITS)
    sandbox.run("a", "check_schemas", _QUICK)
    [pid] = sandbox.pids
    sandbox.close()
    assert _is_gone(pid)


def _is_gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
