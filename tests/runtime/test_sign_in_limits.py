from app.runtime.sign_in_limits import MAX_TRACKED, Limit, Patience

LIMIT = Limit("pair", 3, 1000)
ADA = [(LIMIT, "ada")]


def test_as_many_tries_as_the_limit_then_the_rest_of_the_window() -> None:
    patience = Patience()
    assert [patience.take(ADA, now) for now in (0, 100, 200, 300, 999)] == [0, 0, 0, 700, 1]
    assert patience.take(ADA, 1000) == 0


def test_a_refused_try_does_not_lengthen_the_wait() -> None:
    patience = Patience()
    for now in range(3):
        patience.take(ADA, now)
    assert [patience.take(ADA, 500) for _ in range(9)][-1] == 500


def test_one_exhausted_subject_is_enough() -> None:
    patience = Patience()
    for _ in range(3):
        patience.take(ADA, 0)
    assert patience.take([(LIMIT, "bob"), *ADA], 0) == 1000
    assert patience.take([(LIMIT, "bob")], 0) == 0


def test_what_is_forgotten_starts_afresh() -> None:
    patience = Patience()
    for _ in range(3):
        patience.take(ADA, 0)
    patience.forget(ADA)
    assert patience.take(ADA, 1) == 0


def test_memory_is_bounded() -> None:
    patience = Patience()
    for number in range(MAX_TRACKED + 10):
        patience.take([(LIMIT, str(number))], 0)
    assert len(patience._tries) == MAX_TRACKED
