"""Hash passwords with argon2id, at the cost that OWASP recommends for servers."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.common.errors import Forbidden
from app.runtime.context import runtime

# 19 MiB and about 20 ms each: sixteen concurrent sign-ins must not exhaust the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# The hash of a random password, so that a sign-in without a user takes the same time.
UNKNOWN_USER = (
    "$argon2id$v=19$m=19456,t=2,p=1$LuFKT+IUWb9tVtf3eTT1ng$"
    "h4RxHVhDl1VoaqeBfNAyg8tfrQt8+sJJzKrZVLpshNg"
)


def check_enabled() -> None:
    """Raises Forbidden if PASSWORD_SIGN_IN is off."""
    settings = runtime().settings
    if not settings.password_sign_in:
        name = settings.oidc.name if settings.oidc else "OpenID Connect"
        raise Forbidden(f"Passwords are disabled on this server. Sign in with {name}.")


def hashed(password: str) -> str:
    return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Takes the same time if nothing is stored."""
    try:
        HASHER.verify(stored or UNKNOWN_USER, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether it was hashed with other costs than the current ones."""
    return HASHER.check_needs_rehash(stored)
