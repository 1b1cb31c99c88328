import pytest

from app.domain.deliveries.verdicts import LONGEST_FAILING_MS
from app.domain.webhooks.failing import (
    CONSECUTIVE,
    RATE_ATTEMPTS,
    Failing,
    judge_failing,
)


@pytest.mark.parametrize("consecutive", range(CONSECUTIVE))
def test_few_failed_attempts_in_a_row_are_not_failing(consecutive: int) -> None:
    assert judge_failing(consecutive, 1_000, consecutive, 20) is None


def test_enough_failed_attempts_in_a_row_are_failing() -> None:
    assert judge_failing(CONSECUTIVE, 1_000) == Failing(CONSECUTIVE, 1_000, 0, 0)


def test_a_count_without_a_first_failure_is_outdated() -> None:
    assert judge_failing(50, None) is None


@pytest.mark.parametrize(
    ("failed", "attempts", "is_failing"),
    [
        (RATE_ATTEMPTS // 2, RATE_ATTEMPTS, True),
        (RATE_ATTEMPTS // 2 - 1, RATE_ATTEMPTS, False),
        (RATE_ATTEMPTS - 1, RATE_ATTEMPTS - 1, False),
        (21, 100, False),
    ],
)
def test_half_of_the_attempts_of_an_hour_are_failing(
    failed: int, attempts: int, is_failing: bool
) -> None:
    assert (judge_failing(0, None, failed, attempts) is not None) is is_failing


def test_only_a_webhook_without_a_success_will_be_disabled() -> None:
    in_a_row = judge_failing(CONSECUTIVE, 1_000)
    by_rate = judge_failing(0, None, 60, 100)
    assert in_a_row is not None
    assert in_a_row.disabled_at == 1_000 + LONGEST_FAILING_MS
    assert by_rate is not None
    assert by_rate.disabled_at is None
