"""What a webhook sends: the format of its bodies, and one rendered body."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class BodySpec:
    """format: one of `formats.FORMATS`. encoding (`json` or `form`) and expression (JMESPath; None:
    the unchanged payload) apply to the format `custom` only. api_key: sent by `form_callback`."""

    format: str
    encoding: str = "json"
    expression: str | None = None
    api_key: str | None = None


class Body(msgspec.Struct, frozen=True):
    """A rendered body. One is created per attempt, and a Struct costs a fifth of a frozen
    dataclass. headers: those that belong to the body."""

    content_type: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()


class CannotRender(Exception):
    """The format cannot represent the event, so the delivery fails without a retry.

    cause: a code of domain.deliveries.causes. detail: a sentence for the webhook's owner.
    """

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
