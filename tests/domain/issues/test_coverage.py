"""When an issue resolves itself."""

import pytest

from app.domain.issues.coverage import QUIET, has_failed_again, is_resolved

FAILED = 1_000_000


@pytest.mark.parametrize(
    ("last_success", "later", "expected"),
    [
        (None, QUIET, False),
        (FAILED - 1, QUIET, False),
        (FAILED + 1, QUIET, True),
        (FAILED + 1, QUIET - 1, False),
    ],
)
def test_a_success_after_a_quiet_while_resolves_an_issue(
    last_success: int | None, later: int, expected: bool
) -> None:
    assert is_resolved(FAILED, last_success, FAILED + later) is expected


@pytest.mark.parametrize(
    ("last_success", "expected"), [(None, False), (5, False), (15, True), (25, False)]
)
def test_an_issue_fails_again_after_a_success_in_between(
    last_success: int | None, expected: bool
) -> None:
    assert has_failed_again(10, 20, last_success) is expected
