"""How soon a process that ended is started again."""

from app.supervisor.child import HEALTHY_SECONDS, Child


def _child() -> Child:
    return Child("some", ["true"], {}, ())


def test_one_that_does_not_stay_up_is_started_less_and_less_often() -> None:
    child = _child()
    waits = [child.plan_restart(0.0) for _ in range(8)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_one_that_stayed_up_is_started_again_at_once() -> None:
    child = _child()
    for _ in range(5):
        child.plan_restart(0.0)
    assert child.plan_restart(HEALTHY_SECONDS) == 0.2
