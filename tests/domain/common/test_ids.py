import uuid

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id, first_id_of, is_id, ms_of, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = uuid.UUID(new_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_ids_of_one_process_sort_by_creation() -> None:
    made = [new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_many_ids_at_once_do_not_run_ahead_of_the_clock() -> None:
    made = [new_id() for _ in range(20_000)]
    assert uuid.UUID(made[-1]).int >> 80 <= now_ms()


def test_an_id_lies_within_the_bounds_of_its_millisecond() -> None:
    before = now_ms()
    made = new_id()
    assert first_id_of(before) <= made < first_id_of(now_ms() + 1)
    assert before <= ms_of(made) <= now_ms()


def test_an_id_in_upper_case_is_normalized() -> None:
    made = new_id()
    assert canonical_id(made.upper()) == made
    assert not is_id(made.upper())
    assert canonical_id("42") is None
