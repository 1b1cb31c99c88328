"""What a refusal says, for comparison."""

import pytest

from app.domain.common.errors import Invalid


def faults(call, *args, **kwargs) -> list[tuple[str, str]]:
    """The fields and codes of all that `call` finds wrong, each told with what would be right."""
    with pytest.raises(Invalid) as caught:
        call(*args, **kwargs)
    assert all(error.problem and error.remedy for error in caught.value.errors)
    return [(error.field, error.code) for error in caught.value.errors]
