"""Validation errors in a form that tests can compare."""

import pytest

from app.domain.common.errors import Invalid


def faults(call, *args, **kwargs) -> list[tuple[str, str]]:
    """Return the field and code of each error that `call` raises. Each must have a remedy."""
    with pytest.raises(Invalid) as raised:
        call(*args, **kwargs)
    assert all(error.problem and error.remedy for error in raised.value.errors)
    return [(error.field, error.code) for error in raised.value.errors]
