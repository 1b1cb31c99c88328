"""Encrypt a webhook's secrets inside recorded requests, and decrypt them when they are read."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import quote

from app.domain.deliveries.composing import secret_header
from app.domain.webhooks.credentials.authentication import HEADER
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.headers import CREDENTIALS

# Control characters, which occur in no request head, URL, form or JSON.
_BEGIN, _END = b"\x02", b"\x03"
_HEADER = re.compile(rb"(?<=\n)([^\s:]+)(:[ \t]*)([^\r\n]+)")
_SEALED = re.compile(rb"\x02([^\x03]*)\x03")


@dataclass(frozen=True, slots=True)
class Seals:
    """The secrets of one webhook. pairs: the sent bytes and their sealed form. open: decrypts."""

    open: Callable[[bytes], str]
    pairs: tuple[tuple[bytes, bytes], ...] = ()

    def put(self, sent: bytes) -> bytes:
        for plain, sealed in self.pairs:
            sent = sent.replace(plain, sealed)
        return sent

    def put_in_url(self, url: str) -> str:
        return self.put(url.encode()).decode() if self.pairs else url

    def take_out(self, recorded: bytes) -> bytes:
        """Undo `put`, with the secret of that time."""
        return _SEALED.sub(lambda match: self.open(match[1]).encode("latin-1", "replace"), recorded)


NONE = Seals(bytes.decode)


def sealed_headers(head: bytes, names: Collection[str], seal: Callable[[str], bytes]) -> bytes:
    """`head` with the values of these headers encrypted, unless they are. names: in lower case."""

    def sealed(match: re.Match[bytes]) -> bytes:
        name, value = match[1], match[3]
        is_secret = name.decode("latin-1").lower() in names and not value.startswith(_BEGIN)
        if not is_secret:
            return match[0]
        return name + match[2] + _BEGIN + seal(value.decode("latin-1")) + _END

    return _HEADER.sub(sealed, head) if names else head


def hidden(recorded: bytes, text: bytes) -> bytes:
    """`recorded` with `text` for each sealed secret in it."""
    return _SEALED.sub(text.replace(b"\\", b"\\\\"), recorded)


def resealed(recorded: bytes, reseal: Callable[[bytes], bytes]) -> bytes:
    """`recorded` with each sealed secret in it replaced by what `reseal` returns for it."""
    return _SEALED.sub(lambda match: _BEGIN + reseal(match[1]) + _END, recorded)


def seals_of(
    webhook: WebhookFacts, seal: Callable[[str], bytes], unseal: Callable[[bytes], str]
) -> Seals:
    """seal: encrypts to ASCII without control characters. unseal: decrypts."""
    pairs = []
    if webhook.secret_token:
        name = secret_header(webhook.preset, webhook.secret_header)
        pairs.append((f"\r\n{name}: ", webhook.secret_token, "\r\n"))
    pairs += [(f"\r\n{name}: ", value, "\r\n") for name, value in webhook.secret_headers]
    if webhook.body.format == "form_callback" and webhook.body.api_key:
        pairs.append(("api_key=", quote(webhook.body.api_key, safe=""), ""))
    return Seals(unseal, tuple(_pair(seal, *pair) for pair in pairs))


def with_authorization(seals: Seals, value: str, seal: Callable[[str], bytes]) -> Seals:
    """The same, which also encrypts this value of the header Authorization."""
    pair = _pair(seal, f"\r\n{HEADER}: ", value, "\r\n")
    return Seals(seals.open, (*seals.pairs, pair))


def secret_header_names(webhook: WebhookFacts) -> frozenset[str]:
    """In lower case: the headers in which the webhook sends secrets, and credentials in general."""
    names = {name for name, _ in webhook.secret_headers}
    if webhook.secret_token:
        names.add(secret_header(webhook.preset, webhook.secret_header))
    return CREDENTIALS | {name.lower() for name in names}


def _pair(
    seal: Callable[[str], bytes], before: str, secret: str, after: str
) -> tuple[bytes, bytes]:
    prefix, suffix = before.encode("latin-1"), after.encode()
    sealed = prefix + _BEGIN + seal(secret) + _END + suffix
    return prefix + secret.encode("latin-1", "replace") + suffix, sealed
