import uuid

from app.domain.common.clock import now_ms
from app.domain.common.ids import canonical_id, first_id_of, is_id, ms_of, new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    id_ = uuid.UUID(new_id())
    assert (id_.version, id_.variant) == (7, uuid.RFC_4122)


def test_ids_of_one_process_sort_by_creation() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(set(ids))


def test_many_ids_at_once_do_not_run_ahead_of_the_clock() -> None:
    ids = [new_id() for _ in range(20_000)]
    assert uuid.UUID(ids[-1]).int >> 80 <= now_ms()


def test_an_id_lies_within_the_bounds_of_its_millisecond() -> None:
    before = now_ms()
    id_ = new_id()
    assert first_id_of(before) <= id_ < first_id_of(now_ms() + 1)
    assert before <= ms_of(id_) <= now_ms()


def test_an_id_in_upper_case_is_normalized() -> None:
    id_ = new_id()
    assert canonical_id(id_.upper()) == id_
    assert not is_id(id_.upper())
    assert canonical_id("42") is None
