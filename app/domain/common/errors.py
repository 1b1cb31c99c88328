"""What can go wrong by a caller's doing; each surface renders these in its own shape."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field.

    field: a path such as `url`, `retry_policy.kind` or `events[3].type`; "" is the whole body.
    code: a stable word for programs (`required`, `type`, `range`, `unknown`, `address`, ...).
    problem: what was wrong, a sentence. remedy: what would be right, a sentence.
    """

    field: str
    code: str
    problem: str
    remedy: str


class CallboardError(Exception):
    """The base of all that a caller can be told. `status` is the native API's HTTP status."""

    status = 400
    code = "bad_request"
    title = "The request cannot be carried out"

    def __init__(self, detail: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Malformed(CallboardError):
    """The body could not be read at all: not JSON, wrong content type, too deep."""

    status, code, title = 400, "malformed", "The body could not be read"


class Invalid(CallboardError):
    """The body was read, and fields of it are wrong."""

    status, code, title = 422, "invalid", "Some fields are not as they must be"

    def __init__(self, errors: list[FieldError], detail: str = "") -> None:
        super().__init__(detail or " ".join(_sentence(e) for e in errors[:3]))
        self.errors = errors


def _sentence(error: FieldError) -> str:
    return f"{error.field}: {error.problem}" if error.field else error.problem


class Unauthorized(CallboardError):
    status, code, title = 401, "unauthorized", "Credentials are missing or not known"


class Forbidden(CallboardError):
    status, code, title = 403, "forbidden", "These credentials may not do this"


class NotFound(CallboardError):
    """Also for another organization's rows: the two are not told apart."""

    status, code, title = 404, "not_found", "There is nothing here by that id"


class Conflict(CallboardError):
    status, code, title = 409, "conflict", "It is not in a state in which this can be done"


class TooLarge(CallboardError):
    status, code, title = 413, "too_large", "The body is larger than is taken"


class RateLimited(CallboardError):
    """retry_after: whole seconds until another request is taken."""

    status, code, title = 429, "rate_limited", "Too many requests"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(detail or f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class Unavailable(CallboardError):
    """Ours, not the caller's: nothing was accepted, the same request may be sent again."""

    status, code, title = 503, "unavailable", "The service cannot take this now"


def invalid(field: str, code: str, problem: str, remedy: str) -> Invalid:
    """An Invalid about one field."""
    return Invalid([FieldError(field, code, problem, remedy)])
