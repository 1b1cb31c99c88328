"""How a webhook wants its bodies, and what one is once it is made."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class BodySpec:
    """format: one of `bodies.FORMATS`. encoding (`json` or `form`) and expression (JMESPath; None:
    the payload as it is) shape the format `custom` only. api_key: what `form_callback` carries."""

    format: str
    encoding: str = "json"
    expression: str | None = None
    api_key: str | None = None


class Body(msgspec.Struct, frozen=True):
    """A body as it is stored with a delivery, so that a retry sends the same. One is made for each
    attempt; a Struct costs a fifth of a frozen dataclass."""

    content_type: str
    content: bytes


class CannotRender(Exception):
    """No body can be made of this event: the delivery is given up.

    cause: a code of domain.causes. detail: plain words for the webhook's owner.
    """

    def __init__(self, cause: str, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail
