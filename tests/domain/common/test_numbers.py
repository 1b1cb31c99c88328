import pytest

from app.domain.common.errors import Invalid
from app.domain.common.numbers import whole_number

check = whole_number(1, 60, 30)


@pytest.mark.parametrize(("value", "number"), [(None, 30), (1, 1), (60, 60), (2.0, 2)])
def test_a_whole_number_in_range_is_accepted(value: object, number: int) -> None:
    assert check(value, "n") == number


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "range"),
        (61, "range"),
        (True, "type"),
        (1.5, "type"),
        (1e300, "type"),
        ("1", "type"),
        ([], "type"),
    ],
)
def test_anything_else_is_rejected_with_the_range(value: object, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(value, "n")
    [error] = caught.value.errors
    assert (error.field, error.code) == ("n", code)
    assert error.remedy == "Use a whole number from 1 to 60."
