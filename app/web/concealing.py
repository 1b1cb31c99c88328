"""What a webhook's owner gave in confidence, kept off the page until somebody asks for it."""

import re
from dataclasses import dataclass

from app.domain.composing import SECRET_HEADER
from app.domain.presets import PRESETS
from app.models import Webhook

HIDDEN = b"********"
API_KEY = re.compile(rb"(?<=[?&]api_key=)[^&\s]+|(?<=^api_key=)[^&\s]+")


@dataclass(frozen=True, slots=True)
class Concealer:
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


NOTHING = Concealer()


def of(webhook: Webhook | None) -> Concealer:
    """Also where the token, or the name of its header, was another then."""
    if webhook is None:
        return NOTHING
    names = (webhook.secret_header, SECRET_HEADER, *(p.secret_header for p in PRESETS.values()))
    headers = tuple(dict.fromkeys(name for name in names if name))
    return Concealer(headers, has_key=webhook.body_format == "form_callback")
