"""How many deliveries one process may have in flight."""

from app.engine.in_flight import MAX_BYTES, SCARCE_SECONDS, InFlight
from tests.engine.build import claim


def start(in_flight: InFlight, *claims, clock: float = 0.0):
    for each in claims:
        in_flight.take(each)
        in_flight.claimed.popleft()
        in_flight.start(each, clock)
    return claims


def test_claimed_and_sending_deliveries_use_the_room() -> None:
    in_flight = InFlight(10, per_host=1000)
    start(in_flight, *(claim() for _ in range(4)))
    for _ in range(3):
        in_flight.take(claim())
    assert (in_flight.room, in_flight.slots, len(in_flight)) == (3, 6, 7)


def test_slow_requests_are_parked() -> None:
    in_flight = InFlight(10, per_host=1000)
    slow = start(in_flight, *(claim("slow") for _ in range(10)), clock=100.0)
    assert in_flight.room == 0
    in_flight.park(100.9)
    assert in_flight.room == 0
    in_flight.park(101.1)
    assert in_flight.room == 10
    in_flight.end(slow[0])
    assert (in_flight.room, len(in_flight)) == (10, 9)


def test_parked_requests_never_exceed_the_client_slots() -> None:
    in_flight = InFlight(10, per_host=1000)
    for moment in range(3):
        start(in_flight, *(claim() for _ in range(min(10, in_flight.room))), clock=float(moment))
        in_flight.park(moment + 2.0)
    assert len(in_flight) == in_flight.max_transfers == 25
    assert (in_flight.room, in_flight.slots) == (0, 0)


def test_an_unproven_receiver_gets_one_request() -> None:
    in_flight = InFlight(100, per_host=1000)
    assert in_flight.room_of("w", 32) == 1
    [only] = start(in_flight, claim("w"))
    assert in_flight.room_of("w", 32) == 0
    in_flight.end(only)
    in_flight.note_response("w", good=True)
    assert in_flight.room_of("w", 32) == 32
    in_flight.note_response("w", good=False)
    assert in_flight.room_of("w", 32) == 1


def test_a_webhook_with_parked_requests_gets_no_more_when_parking_runs_short() -> None:
    in_flight = InFlight(10, per_host=1000)
    in_flight.note_response("hangs", good=True)
    in_flight.note_response("fine", good=True)
    start(in_flight, *(claim("hangs") for _ in range(7)), clock=0.0)
    assert in_flight.room_of("hangs", 32) == 25
    in_flight.park(2.0)
    assert in_flight.room_of("hangs", 32) == 0
    assert in_flight.room_of("fine", 32) == 32


def test_one_organization_leaves_a_fifth_of_the_slots_to_others() -> None:
    in_flight = InFlight(10, per_host=1000)
    start(in_flight, *(claim(organization_id="flood") for _ in range(8)), clock=0.0)
    assert in_flight.left_to_organizations() == {"flood": 0}
    in_flight.park(2.0)
    assert in_flight.left_to_organizations() == {"flood": 8}


def test_payloads_are_loaded_up_to_a_total_and_a_larger_one_alone() -> None:
    in_flight = InFlight(10, per_host=1000)
    huge, half, small = claim(size=MAX_BYTES + 1), claim(size=MAX_BYTES // 2), claim(size=1)
    assert in_flight.first_that_fit([huge, small]) == [huge]
    assert in_flight.first_that_fit([half, half, small]) == [half, half]
    assert in_flight.first_that_fit([half, small], ahead=[half]) == [half]
    assert in_flight.first_that_fit([huge], ahead=[small]) == []
    in_flight.take(huge)
    assert in_flight.may_start
    start(in_flight, small)
    in_flight.claimed.clear()
    in_flight.take(huge)
    assert not in_flight.may_start
    in_flight.end(small)
    assert in_flight.may_start


def test_after_a_failed_allocation_half_as_much_is_in_flight_for_a_while() -> None:
    in_flight = InFlight(10, per_host=1000)
    half = MAX_BYTES // 2
    first, second, third = (claim(size=half) for _ in range(3))
    start(in_flight, first, second)
    in_flight.save_memory(100.0)
    in_flight.take_back(second)
    assert in_flight.claimed[0] is second
    assert in_flight.is_alone(first)
    assert not in_flight.may_start
    assert in_flight.first_that_fit([third]) == []
    in_flight.park(100.0 + SCARCE_SECONDS)
    assert in_flight.may_start
    assert in_flight.first_that_fit([third]) == [third]


def test_dropping_claimed_deliveries_frees_all_counters() -> None:
    in_flight = InFlight(10, per_host=1000)
    for _ in range(3):
        in_flight.take(claim())
    in_flight.drop_claimed()
    assert (
        len(in_flight),
        in_flight.room,
        in_flight.left_to_organizations(),
        in_flight.of_webhook,
    ) == (0, 10, {}, {})


def test_requests_that_ended_behind_a_slow_one_are_forgotten() -> None:
    in_flight = InFlight(1000, per_host=1000)
    start(in_flight, claim("slow"), clock=0.0)
    for fast in start(in_flight, *(claim() for _ in range(200)), clock=0.0):
        in_flight.end(fast)
    in_flight.park(0.1)
    assert len(in_flight._recent) == 1
