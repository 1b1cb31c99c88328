import pytest

from app.domain.deliveries.causes import CAUSES
from app.domain.deliveries.meanings import MEANINGS


def test_every_failure_reason_has_a_meaning() -> None:
    assert list(MEANINGS) == list(CAUSES)


@pytest.mark.parametrize("code", CAUSES)
def test_a_meaning_is_whole_sentences(code: str) -> None:
    assert MEANINGS[code][0].isupper()
    assert MEANINGS[code].endswith(".")
    assert MEANINGS[code] != CAUSES[code].what_to_do
