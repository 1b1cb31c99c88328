"""Passwords at rest: argon2id, at the costs that OWASP names for servers."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and some 20 ms each: sixteen threads signing in at once must not exhaust the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# The hash of a password that nobody knows: whoever is not there costs the same time.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$LuFKT+IUWb9tVtf3eTT1ng$"
    "h4RxHVhDl1VoaqeBfNAyg8tfrQt8+sJJzKrZVLpshNg"
)


def hashed(password: str) -> str:
    return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether `password` made `stored`; takes the same time when nothing is stored."""
    try:
        HASHER.verify(stored or NOBODY, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was made at other costs than today's."""
    return HASHER.check_needs_rehash(stored)
