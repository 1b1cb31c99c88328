import pytest

from app.domain.common.errors import Invalid
from app.domain.maintenance.retention import DAY_MS, Retention, check_choice, effective


@pytest.mark.parametrize(
    ("days", "payload_days", "expected"),
    [
        (None, None, Retention(30, 30)),
        (7, None, Retention(7, 7)),
        (None, 3, Retention(30, 3)),
        (7, 14, Retention(7, 7)),
        # The installation keeps less than it did when this was chosen.
        (90, 60, Retention(30, 30)),
    ],
)
def test_an_organization_keeps_data_no_longer_than_the_installation(
    days: int | None, payload_days: int | None, expected: Retention
) -> None:
    assert effective(days, payload_days, 30) == expected


def test_payloads_expire_before_or_with_their_records() -> None:
    now = 100 * DAY_MS
    assert Retention(30, 3).records_until(now) == 70 * DAY_MS
    assert Retention(30, 3).payloads_until(now) == 97 * DAY_MS
    assert Retention(30, 30).payloads_until(now) is None


@pytest.mark.parametrize(
    ("days", "payload_days", "fields"),
    [
        (0, None, ["retention_days"]),
        (31, None, ["retention_days"]),
        ("7", True, ["retention_days", "payload_days"]),
        (7, 8, ["payload_days"]),
        (None, 1.5, ["payload_days"]),
    ],
)
def test_a_value_out_of_range_is_rejected_with_the_range(
    days: object, payload_days: object, fields: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        check_choice(days, payload_days, 30)
    assert [error.field for error in refused.value.errors] == fields
    assert all("from 1 to" in error.remedy for error in refused.value.errors)
