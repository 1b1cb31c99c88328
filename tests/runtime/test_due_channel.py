"""What is said on the channel of due deliveries."""

import pytest

from app.domain.common.ids import new_id
from app.runtime.redis.due_channel import MAX_NAMES, Presence, named, presence, read


def test_named_webhooks_are_read_as_they_were_written() -> None:
    due = {(new_id(), new_id()) for _ in range(MAX_NAMES)}
    assert set(read(named(due))) == due  # type: ignore[arg-type]


@pytest.mark.parametrize("is_awake", [True, False])
def test_presence_is_read_as_it_was_written(is_awake: bool) -> None:
    worker = new_id()
    assert read(presence(worker, is_awake=is_awake)) == Presence(worker, is_awake)


@pytest.mark.parametrize(
    "message",
    [1, None, b"", b",", b"x:y", b"\xff\xfe", b"a" * 20_000, f"{new_id()}".encode()],
    ids=["number", "none", "empty", "comma", "no ids", "no UTF-8", "long", "one id"],
)
def test_what_names_no_webhooks_asks_for_a_look_into_the_due_queue(message: object) -> None:
    assert read(message) == []
