"""A receiver's own secrets within what was sent to it: in the records each stands sealed, and is
put back where they are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from app.domain.deliveries.composing import secret_header
from app.domain.webhooks.facts import WebhookFacts

# Control characters: they stand in no head, no URL, no form and no JSON.
_BEGIN, _END = b"\x02", b"\x03"
_SEALED = re.compile(rb"\x02([^\x03]*)\x03")


@dataclass(frozen=True, slots=True)
class Seals:
    """Of one webhook. pairs: what is sent, and what is kept of it. open: of what was sealed."""

    open: Callable[[bytes], str]
    pairs: tuple[tuple[bytes, bytes], ...] = ()

    def put(self, sent: bytes) -> bytes:
        for plain, sealed in self.pairs:
            sent = sent.replace(plain, sealed)
        return sent

    def put_in_url(self, url: str) -> str:
        return self.put(url.encode()).decode() if self.pairs else url

    def take_out(self, kept: bytes) -> bytes:
        """What `put` made `kept` of, with whatever was the secret then."""
        return _SEALED.sub(lambda found: self.open(found[1]).encode("latin-1", "replace"), kept)


NONE = Seals(bytes.decode)


def seals_of(
    webhook: WebhookFacts, seal: Callable[[str], bytes], unseal: Callable[[bytes], str]
) -> Seals:
    """seal: of a text; its bytes are ASCII without control characters. unseal: the other way."""
    pairs = []
    if webhook.secret_token:
        name = secret_header(webhook.preset, webhook.secret_header)
        pairs.append((f"\r\n{name}: ", webhook.secret_token, "\r\n"))
    if webhook.body.format == "form_callback" and webhook.body.api_key:
        pairs.append(("api_key=", quote(webhook.body.api_key, safe=""), ""))
    return Seals(unseal, tuple(_pair(seal, *pair) for pair in pairs))


def _pair(
    seal: Callable[[str], bytes], before: str, secret: str, after: str
) -> tuple[bytes, bytes]:
    ahead, behind = before.encode("latin-1"), after.encode()
    kept = ahead + _BEGIN + seal(secret) + _END + behind
    return ahead + secret.encode("latin-1", "replace") + behind, kept
