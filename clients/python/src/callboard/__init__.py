"""Client library for Callboard, a self-hosted webhook sender."""

from callboard._version import __version__
from callboard.batches import EventInput
from callboard.client import Callboard
from callboard.errors import (
    ApiError,
    BadRequest,
    CallboardError,
    Conflict,
    FieldProblem,
    Forbidden,
    InternalError,
    Invalid,
    Malformed,
    MethodNotAllowed,
    NoSuchPath,
    NotFound,
    OrganizationMissing,
    OrganizationSuspended,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unreachable,
    UnsupportedMediaType,
    VerificationError,
)
from callboard.ndjson import BrokenLine
from callboard.retries import RetryPolicy
from callboard.streaming import BufferFull, EventStream, StreamClosed
from callboard.verification import Verified, verify

__all__ = [
    "ApiError", "BadRequest", "BrokenLine", "BufferFull", "Callboard", "CallboardError", "Conflict",
    "EventInput", "EventStream", "FieldProblem", "Forbidden", "InternalError", "Invalid",
    "Malformed", "MethodNotAllowed", "NoSuchPath", "NotFound", "OrganizationMissing",
    "OrganizationSuspended", "RateLimited",
    "RetryPolicy", "StreamClosed", "TooLarge", "Unauthorized", "Unavailable", "Unreachable",
    "UnsupportedMediaType", "VerificationError", "Verified", "__version__", "verify",
]  # fmt: skip
