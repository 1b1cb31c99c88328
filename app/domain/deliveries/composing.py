"""The exact request of an attempt: the engine, the check and the preview all send this one."""

from collections.abc import Iterable

import msgspec

from app.domain.bodies.formats import Body, into_query, render
from app.domain.common.form_encoding import QUERY_METHODS, query_of
from app.domain.common.version import VERSION
from app.domain.events.event import EventFacts
from app.domain.webhooks.facts import WebhookFacts
from app.domain.webhooks.presets import PRESETS
from app.domain.webhooks.signing import Signer

USER_AGENT = f"Callboard/{VERSION}"
SECRET_HEADER = "X-Callboard-Token"  # noqa: S105, the name of a header

# A webhook's own headers never take these over.
_RESERVED = frozenset({"webhook-id", "webhook-timestamp", "webhook-signature"})

Header = tuple[str, str]


class Composed(msgspec.Struct, frozen=True):
    """method, url, headers and body are what goes over the wire. rendered: the body before it went
    into the query, as it is stored with the delivery."""

    method: str
    url: str
    headers: list[Header]
    body: bytes
    rendered: Body


def message_id(delivery_id: str) -> str:
    """`webhook-id`: the same on every attempt of a delivery."""
    return f"msg_{delivery_id}"


class Composer:
    """Composes the requests of one webhook; all that does not change is made once."""

    __slots__ = ("_ahead", "_behind", "_in_query", "_signer", "_taken", "webhook")

    def __init__(self, webhook: WebhookFacts) -> None:
        self.webhook = webhook
        self._in_query = webhook.method in QUERY_METHODS
        own = [pair for pair in webhook.headers if pair[0].lower() not in _RESERVED]
        # A header of the webhook's own takes the place of ours of the same name.
        self._taken = frozenset(name.lower() for name, _ in own)
        self._ahead = [("User-Agent", USER_AGENT), ("Accept", "*/*")]
        ours = [("X-Callboard-Webhook-Id", webhook.id), *_secret(webhook)]
        self._behind = [*self._not_taken(ours), *own]
        is_signed = webhook.signing != "none" and bool(webhook.secrets)
        self._signer = Signer(webhook.secrets) if is_signed else None

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
        """The request of attempt number `attempt`, at `now` (milliseconds since the epoch).

        url: a one-off callback's own. body: what an earlier attempt sent, where it is stored.
        CannotRender when no body can be made.
        """
        webhook = self.webhook
        rendered = body or render(webhook.body, event)
        if self._in_query:
            address = into_query(url or webhook.url, rendered)
            signed, content = query_of(address).encode(), b""
        else:
            address = (url or webhook.url).partition("#")[0]
            signed = content = rendered.content
        identity = message_id(delivery_id)
        headers = [
            ("Content-Type", rendered.content_type),
            *self._ahead,
            *self._proof(identity, now // 1000, signed),
            ("X-Callboard-Event-Type", event.type),
            ("X-Callboard-Event-Id", event.id),
            ("X-Callboard-Delivery-Id", delivery_id),
            ("X-Callboard-Attempt", str(attempt)),
        ]
        if self._in_query:
            del headers[0]
        if self._taken:
            headers = self._not_taken(headers)
        headers += self._behind
        return Composed(webhook.method, address, headers, content, rendered)

    def _proof(self, identity: str, timestamp: int, signed: bytes) -> list[Header]:
        """The headers of Standard Webhooks; without the signature when signing is off, since
        receivers still drop repeats by the id."""
        headers = [("webhook-id", identity), ("webhook-timestamp", str(timestamp))]
        if self._signer is not None:
            signature = self._signer.sign(identity, timestamp, signed)
            headers.append(("webhook-signature", signature))
        return headers

    def _not_taken(self, headers: Iterable[Header]) -> list[Header]:
        return [pair for pair in headers if pair[0].lower() not in self._taken]


def secret_header(preset: str, own: str | None) -> str:
    """The header that carries a webhook's secret token. own: the name that it chose."""
    known = PRESETS.get(preset)
    return own or (known and known.secret_header) or SECRET_HEADER


def _secret(webhook: WebhookFacts) -> list[Header]:
    if webhook.secret_token is None:
        return []
    return [(secret_header(webhook.preset, webhook.secret_header), webhook.secret_token)]
