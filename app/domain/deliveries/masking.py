"""Hide a webhook's secrets in recorded requests.

What was sealed when the request was recorded is hidden, whatever the webhook's settings are now.
Requests that other senders or earlier releases left unsealed are masked by name.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from app.domain.deliveries.callback_headers import SECRET_HEADER
from app.domain.deliveries.sealing import hidden
from app.domain.webhooks.headers import CREDENTIALS
from app.domain.webhooks.presets import PRESETS

HIDDEN = b"********"
API_KEY = re.compile(rb"(?<=[?&]api_key=)[^&\s]+|(?<=^api_key=)[^&\s]+")


class HasSecrets(Protocol):
    """The parts of a webhook that say where a request contains its secrets."""

    secret_header: str | None
    body_format: str


@dataclass(frozen=True, slots=True)
class Masker:
    """Takes what is recorded, before it is opened. headers: names of the headers that can contain
    secrets. has_key: whether the parameter `api_key` is the webhook's secret."""

    headers: tuple[str, ...] = ()
    has_key: bool = False

    def head(self, head: bytes) -> bytes:
        head = hidden(head, HIDDEN)
        if self.has_key:
            request_line, end, rest = head.partition(b"\n")
            head = API_KEY.sub(HIDDEN, request_line) + end + rest
        for header in self.headers:
            name = re.escape(header.encode("latin-1", "replace"))
            head = re.sub(rb"(?im)^(" + name + rb": *)[^\r\n]+", rb"\g<1>" + HIDDEN, head)
        return head

    def body(self, body: bytes) -> bytes:
        body = hidden(body, HIDDEN)
        return API_KEY.sub(HIDDEN, body) if self.has_key else body

    def url(self, url: str) -> str:
        shown = hidden(url.encode(), HIDDEN)
        return (API_KEY.sub(HIDDEN, shown) if self.has_key else shown).decode()


def of(webhook: HasSecrets | None) -> Masker:
    """Return the masker; it also covers the header names of presets."""
    own = webhook.secret_header if webhook is not None else None
    names = (own, SECRET_HEADER, *(p.secret_header for p in PRESETS.values()), *CREDENTIALS)
    headers = tuple(dict.fromkeys(name for name in names if name))
    return Masker(headers, has_key=webhook is not None and webhook.body_format == "form_callback")
