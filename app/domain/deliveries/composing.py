"""Compose the request of an attempt, for the engine, the test send and the preview alike."""

from collections.abc import Iterable

import msgspec

from app.domain.bodies.formats import Body, into_query, render
from app.domain.common.form_encoding import QUERY_METHODS, query_of
from app.domain.common.version import VERSION
from app.domain.deliveries.callback_headers import (
    ATTEMPT,
    DELIVERY_ID,
    EVENT_ID,
    EVENT_TYPE,
    SECRET_HEADER,
    SIGNED_PARTS,
    TEST_HEADER,
    WEBHOOK_ID,
)
from app.domain.events.event import EventFacts
from app.domain.webhooks.credentials.authentication import HEADER
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.schemes import STANDARD, header_of, signer

USER_AGENT = f"Callboard/{VERSION}"

# Of the headers of Standard Webhooks. A webhook's own headers cannot replace them.
_PREFIX = "webhook"

Header = tuple[str, str]


class Composed(msgspec.Struct, frozen=True):
    """method, url, headers, body: as sent. rendered: the body, before it was moved to the query, as
    stored with the delivery."""

    method: str
    url: str
    headers: list[Header]
    body: bytes
    rendered: Body


def message_id(subject_id: str) -> str:
    """Return the `webhook-id`: the same for every attempt of a delivery. subject_id: the delivery,
    or the event where the preset says so."""
    return f"msg_{subject_id}"


class Composer:
    """Composes the requests of one webhook; prepares what they share once."""

    __slots__ = (
        "_in_query",
        "_leading",
        "_names_event",
        "_overridden",
        "_signature_names",
        "_signer",
        "_trailing",
        "webhook",
    )

    def __init__(self, webhook: WebhookFacts) -> None:
        self.webhook = webhook
        self._in_query = webhook.method in QUERY_METHODS
        headers = (*webhook.headers, *webhook.secret_headers)
        second = _signature_prefix(webhook.preset)
        self._names_event = second is not None
        prefixes = (_PREFIX,) if second is None else (_PREFIX, second)
        self._signature_names = [
            [f"{prefix}-{part}" for part in SIGNED_PARTS] for prefix in prefixes
        ]
        self._name_signature(webhook)
        reserved = {name.lower() for names in self._signature_names for name in names}
        own = [pair for pair in headers if pair[0].lower() not in reserved]
        # The webhook's own headers replace Callboard's of the same name.
        self._overridden = frozenset(name.lower() for name, _ in own)
        self._leading = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
        ours = [(WEBHOOK_ID, webhook.id), *_secret(webhook)]
        self._trailing = [*self._without_overridden(ours), *own]
        is_signed = webhook.signing != "none" and bool(webhook.secrets)
        self._signer = signer(webhook.signature_scheme, webhook.secrets) if is_signed else None

    def compose(
        self,
        event: EventFacts,
        delivery_id: str,
        attempt: int,
        now: int,
        *,
        url: str | None = None,
        body: Body | None = None,
    ) -> Composed:
        """Return the request of an attempt. now: milliseconds since the epoch.

        url: the target of a one-off callback. body: the stored body of the first attempt, if any.
        Raises CannotRender.
        """
        webhook = self.webhook
        rendered = body or render(webhook.body, event)
        if self._in_query:
            address = into_query(url or webhook.url, rendered)
            signed, content = query_of(address).encode(), b""
        else:
            address = (url or webhook.url).partition("#")[0]
            signed = content = rendered.content
        identity = message_id(event.id if self._names_event else delivery_id)
        headers = [("Content-Type", rendered.content_type), *rendered.headers, *self._leading]
        values = self._signature_values(identity, now // 1000, signed)
        for names in self._signature_names:
            headers += zip(names, values, strict=False)
        headers += (
            (EVENT_TYPE, event.type),
            (EVENT_ID, event.id),
            (DELIVERY_ID, delivery_id),
            (ATTEMPT, str(attempt)),
        )
        if self._in_query:
            del headers[0]
        if self._overridden:
            headers = self._without_overridden(headers)
        headers += self._trailing
        return Composed(webhook.method, address, headers, content, rendered)

    def _name_signature(self, webhook: WebhookFacts) -> None:
        """Put the signature into the webhook's own header, and only there: the other set of headers
        keeps its id and timestamp."""
        if webhook.signature_scheme == STANDARD and webhook.signature_header is None:
            return
        first, *others = self._signature_names
        name = header_of(webhook.signature_scheme, webhook.signature_header)
        self._signature_names = [[*first[:-1], name], *(names[:-1] for names in others)]

    def _signature_values(self, identity: str, timestamp: int, signed: bytes) -> list[str]:
        """Return the values of `SIGNED_PARTS`. Unsigned requests have no third, but an id, too, by
        which receivers drop repeats."""
        values = [identity, str(timestamp)]
        if self._signer is not None:
            values.append(self._signer.sign(identity, timestamp, signed))
        return values

    def _without_overridden(self, headers: Iterable[Header]) -> list[Header]:
        return [pair for pair in headers if pair[0].lower() not in self._overridden]


def marked_as_test(composed: Composed) -> Composed:
    """The same request with the header by which receivers tell a test send."""
    headers = [pair for pair in composed.headers if pair[0].lower() != TEST_HEADER.lower()]
    return msgspec.structs.replace(composed, headers=[*headers, (TEST_HEADER, "true")])


def with_authorization(composed: Composed, value: str) -> Composed:
    """The same request with an OAuth token."""
    return msgspec.structs.replace(composed, headers=[*composed.headers, (HEADER, value)])


def secret_header(preset: str, own: str | None) -> str:
    """Return the name of the token header. own: the webhook's setting."""
    defaults = PRESETS.get(preset)
    return own or (defaults and defaults.secret_header) or SECRET_HEADER


def _signature_prefix(preset: str) -> str | None:
    defaults = PRESETS.get(preset)
    return defaults.signature_prefix if defaults else None


def _secret(webhook: WebhookFacts) -> list[Header]:
    if webhook.secret_token is None:
        return []
    return [(secret_header(webhook.preset, webhook.secret_header), webhook.secret_token)]
