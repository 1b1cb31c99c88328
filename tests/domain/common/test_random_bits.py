import os

from app.domain.common.random_bits import random_64_bits


def test_numbers_do_not_repeat() -> None:
    assert len({random_64_bits() for _ in range(2000)}) == 2000


def test_a_child_of_a_fork_draws_numbers_of_its_own() -> None:
    random_64_bits()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"%d" % random_64_bits())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        of_child = int(pipe.read())
    assert of_child not in [random_64_bits() for _ in range(600)]
