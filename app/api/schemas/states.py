"""States of deliveries that requests name. Types of their own: Go's `oapi-codegen` cannot name the
same list of words twice in one field. A test compares them with the rules."""

from enum import Enum


class ResendableState(Enum):
    CANCELLED = "cancelled"
    FAILED = "failed"
    RETRYING = "retrying"
    SKIPPED = "skipped"
    SUCCEEDED = "succeeded"


class CancellableState(Enum):
    PENDING = "pending"
    RETRYING = "retrying"


class DeliveryState(Enum):
    PENDING = "pending"
    SENDING = "sending"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
