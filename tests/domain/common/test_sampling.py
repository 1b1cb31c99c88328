from app.domain.common.sampling import Sampler


def test_the_first_lines_of_each_second_are_admitted() -> None:
    sampler = Sampler(2)
    moments = [10.0, 10.3, 10.6, 10.9, 11.0, 11.5, 11.9]
    assert [sampler.admit(now) for now in moments] == [True, True, False, False, True, True, False]


def test_lines_that_were_left_out_are_told_once() -> None:
    sampler = Sampler(1)
    for now in (1.0, 1.1, 1.2):
        sampler.admit(now)
    assert [sampler.take_left_out(), sampler.take_left_out()] == [2, 0]
