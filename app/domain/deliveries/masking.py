"""What a webhook's owner gave in confidence, kept from whoever only looks at what was sent."""

import re
from dataclasses import dataclass
from typing import Protocol

from app.domain.deliveries.composing import SECRET_HEADER
from app.domain.webhooks.presets import PRESETS

HIDDEN = b"********"
API_KEY = re.compile(rb"(?<=[?&]api_key=)[^&\s]+|(?<=^api_key=)[^&\s]+")


class Confiding(Protocol):
    """Of a webhook, what tells where its secrets stand in a request."""

    secret_header: str | None
    body_format: str


@dataclass(frozen=True, slots=True)
class Masker:
    """headers: names of those that can carry the token. has_key: a form's `api_key` is the
    webhook's own."""

    headers: tuple[str, ...] = ()
    has_key: bool = False

    def head(self, head: bytes) -> bytes:
        if self.has_key:
            line, end, rest = head.partition(b"\n")
            head = API_KEY.sub(HIDDEN, line) + end + rest
        for header in self.headers:
            name = re.escape(header.encode("latin-1", "replace"))
            head = re.sub(rb"(?im)^(" + name + rb": *)[^\r\n]+", rb"\g<1>" + HIDDEN, head)
        return head

    def body(self, body: bytes) -> bytes:
        return API_KEY.sub(HIDDEN, body) if self.has_key else body

    def url(self, url: str) -> str:
        return API_KEY.sub(HIDDEN, url.encode()).decode() if self.has_key else url


NOTHING = Masker()


def of(webhook: Confiding | None) -> Masker:
    """Also where the token, or the name of its header, was another then."""
    if webhook is None:
        return NOTHING
    names = (webhook.secret_header, SECRET_HEADER, *(p.secret_header for p in PRESETS.values()))
    headers = tuple(dict.fromkeys(name for name in names if name))
    return Masker(headers, has_key=webhook.body_format == "form_callback")
