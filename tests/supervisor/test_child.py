"""The delay before a process is restarted."""

from app.supervisor.child import HEALTHY_SECONDS, Child


def _child() -> Child:
    return Child("web", ["true"], {}, ())


def test_the_delay_grows_while_the_process_keeps_ending() -> None:
    child = _child()
    delays = [child.plan_restart(0.0) for _ in range(8)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_process_that_was_healthy_restarts_at_once() -> None:
    child = _child()
    for _ in range(5):
        child.plan_restart(0.0)
    assert child.plan_restart(HEALTHY_SECONDS) == 0.2
