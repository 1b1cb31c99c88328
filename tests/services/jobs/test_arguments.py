"""The arguments of jobs, as they are stored."""

from dataclasses import dataclass

import msgspec
import pytest

from app.queries.deliveries.filters import DeliveryFilter
from app.services.jobs.arguments import Subjects, document, parse, shown

FILTERS = [
    DeliveryFilter(),
    DeliveryFilter(states=("failed",), until=7),
    DeliveryFilter(states=("failed",), until=7, value="asset-0001"),
]


@dataclass(frozen=True, slots=True)
class EarlierFilter:
    """What a worker of an earlier release reads: it ignores fields that it does not know."""

    states: tuple[str, ...] = ()
    until: int | None = None


@pytest.mark.parametrize("filters", FILTERS)
def test_stored_arguments_are_read_again(filters: DeliveryFilter) -> None:
    assert parse("resend", document(filters)) == filters


def test_a_worker_of_an_earlier_release_cannot_read_a_filter_by_value() -> None:
    assert msgspec.convert(document(FILTERS[1]), EarlierFilter).states == ("failed",)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(document(FILTERS[2]), EarlierFilter)


def test_a_filter_by_value_is_shown() -> None:
    assert shown(document(FILTERS[2]))["value"] == "asset-0001"
    assert shown(document(FILTERS[2]))["state"] == ("failed",)
    assert shown(document(Subjects())) == {}
