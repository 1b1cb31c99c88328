"""The words of a form for what a request got wrong."""

import time

import pytest

from app.domain.common.errors import FieldError
from app.web.common.problems import MAX_LENGTH, error_text, in_a_form


def test_a_long_text_is_cut() -> None:
    assert in_a_form("x" * MAX_LENGTH) == "x" * MAX_LENGTH
    assert in_a_form("x" * 5_000) == "x" * (MAX_LENGTH - 1) + "…"


@pytest.mark.parametrize("word", ["Expected ", "Expected a ", "Expected an object, got "])
def test_what_a_tenant_writes_costs_no_more_than_its_length(word: str) -> None:
    def spent(number: int) -> float:
        error = FieldError("schema", "type", word * number, "Use an object.")
        began = time.thread_time()
        for _ in range(20):
            error_text(error)
        return time.thread_time() - began

    # Both are cut to the same length.
    assert spent(100_000) < 20 * max(spent(1_000), 1e-3)
