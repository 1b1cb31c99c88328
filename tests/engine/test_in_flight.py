"""What one process may have in hand."""

from app.engine.in_flight import MAX_BYTES, InFlight
from tests.engine.build import claim


def going(load: InFlight, *claims, clock: float = 0.0):
    for one in claims:
        load.take(one)
        load.claimed.popleft()
        load.start(one, clock)
    return claims


def test_what_is_claimed_and_sending_takes_the_room() -> None:
    load = InFlight(10)
    going(load, *(claim() for _ in range(4)))
    for _ in range(3):
        load.take(claim())
    assert (load.room, load.slots, len(load)) == (3, 6, 7)


def test_what_takes_long_is_counted_apart() -> None:
    load = InFlight(10)
    slow = going(load, *(claim("slow") for _ in range(10)), clock=100.0)
    assert load.room == 0
    load.park(100.9)
    assert load.room == 0
    load.park(101.1)
    assert load.room == 10
    load.end(slow[0])
    assert (load.room, len(load)) == (10, 9)


def test_no_more_are_parked_than_the_wire_has_slots_for() -> None:
    load = InFlight(10)
    for moment in range(3):
        going(load, *(claim() for _ in range(min(10, load.room))), clock=float(moment))
        load.park(moment + 2.0)
    assert len(load) == load.max_transfers == 25
    assert (load.room, load.slots) == (0, 0)


def test_a_receiver_that_never_answered_here_gets_one_call() -> None:
    load = InFlight(100)
    assert load.room_of("w", 32) == 1
    (one,) = going(load, claim("w"))
    assert load.room_of("w", 32) == 0
    load.end(one)
    load.note_response("w", good=True)
    assert load.room_of("w", 32) == 32
    load.note_response("w", good=False)
    assert load.room_of("w", 32) == 1


def test_a_webhook_that_holds_parked_slots_gets_no_more_when_they_run_short() -> None:
    load = InFlight(10)
    load.note_response("hangs", good=True)
    load.note_response("fine", good=True)
    going(load, *(claim("hangs") for _ in range(7)), clock=0.0)
    assert load.room_of("hangs", 32) == 25
    load.park(2.0)
    assert load.room_of("hangs", 32) == 0
    assert load.room_of("fine", 32) == 32


def test_one_organization_leaves_a_fifth_to_the_others() -> None:
    load = InFlight(10)
    going(load, *(claim(organization_id="flood") for _ in range(8)), clock=0.0)
    assert load.left_to_organizations() == {"flood": 0}
    load.park(2.0)
    assert load.left_to_organizations() == {"flood": 8}


def test_payloads_are_loaded_up_to_a_sum_and_the_largest_may_go_alone() -> None:
    load = InFlight(10)
    huge, half, small = claim(size=MAX_BYTES + 1), claim(size=MAX_BYTES // 2), claim(size=1)
    assert load.first_that_fit([huge, small]) == [huge]
    assert load.first_that_fit([half, half, small]) == [half, half]
    assert load.first_that_fit([half, small], ahead=[half]) == [half]
    assert load.first_that_fit([huge], ahead=[small]) == []
    load.take(huge)
    assert load.may_start
    going(load, small)
    load.claimed.clear()
    load.take(huge)
    assert not load.may_start
    load.end(small)
    assert load.may_start


def test_what_is_dropped_before_it_was_sent_leaves_nothing_behind() -> None:
    load = InFlight(10)
    for _ in range(3):
        load.take(claim())
    load.drop_claimed()
    assert (len(load), load.room, load.left_to_organizations(), load.of_webhook) == (0, 10, {}, {})


def test_those_that_ended_behind_a_slow_one_are_forgotten() -> None:
    load = InFlight(1000)
    going(load, claim("slow"), clock=0.0)
    for one in going(load, *(claim() for _ in range(200)), clock=0.0):
        load.end(one)
    load.park(0.1)
    assert len(load._recent) == 1
