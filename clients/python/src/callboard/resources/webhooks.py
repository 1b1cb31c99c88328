"""What consumers register: a URL, and which events to send to it and how."""

from typing import Unpack, cast

from callboard.models import ListedWebhook, Recovery, Webhook, WebhookSettings, WebhookTest
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.times import Time, time_text
from callboard.transport import path_of


class Webhooks(Resource):
    def list(self, *, q: str | None = None, include_once: bool = False) -> Pages[ListedWebhook]:
        """Newest first. q: text in the name or the URL, or an id. include_once: one-time webhooks
        as well."""
        # Absent when false, as the shortest query is the fastest.
        query = {"q": q, "include_once": include_once or None}
        return Pages(self._transport, "/webhooks", query)

    def get(self, webhook_id: str) -> Webhook:
        return cast("Webhook", self._transport.get(path_of("webhooks", webhook_id)))

    def create(self, /, **settings: Unpack[WebhookSettings]) -> Webhook:
        """Register one; only `url` is required."""
        return cast("Webhook", self._transport.request("POST", "/webhooks", settings))

    def update(self, webhook_id: str, /, **settings: Unpack[WebhookSettings]) -> Webhook:
        """Change what is given."""
        path = path_of("webhooks", webhook_id)
        # The same change twice leaves the same webhook.
        response = self._transport.request("PATCH", path, settings, repeatable=True)
        return cast("Webhook", response)

    def replace(self, webhook_id: str, /, **settings: Unpack[WebhookSettings]) -> Webhook:
        """Set everything; what is absent returns to its preset, an absent secret is kept."""
        path = path_of("webhooks", webhook_id)
        return cast("Webhook", self._transport.request("PUT", path, settings))

    def delete(self, webhook_id: str) -> None:
        """Also cancels its deliveries."""
        self._transport.request("DELETE", path_of("webhooks", webhook_id))

    def pause(self, webhook_id: str) -> Webhook:
        """Hold what is queued; events in the meantime are skipped."""
        return self.update(webhook_id, is_active=False)

    def resume(self, webhook_id: str) -> Webhook:
        return self.update(webhook_id, is_active=True)

    def test(self, webhook_id: str) -> WebhookTest:
        """Send a sample event now, once, and return what the receiver responded."""
        path = path_of("webhooks", webhook_id, "check")
        return cast("WebhookTest", self._transport.request("POST", path))

    def secret(self, webhook_id: str) -> str:
        """The signing secret, `whsec_...` or `whsk_...`."""
        response = self._transport.get(path_of("webhooks", webhook_id, "secret"))
        return cast("str", response["secret"])

    def rotate_secret(
        self,
        webhook_id: str,
        *,
        overlap_seconds: int | None = None,
        secret: str | None = None,
    ) -> str:
        """The new secret. overlap_seconds: how long the old one signs as well; a day by default.
        secret: one of your own."""
        fields = {"overlap_seconds": overlap_seconds, "secret": secret}
        document = {name: value for name, value in fields.items() if value is not None}
        path = path_of("webhooks", webhook_id, "rotate-secret")
        return cast("str", self._transport.request("POST", path, document)["secret"])

    def end_secret_overlap(self, webhook_id: str) -> None:
        """Revoke the previous secret now. ConflictError: none is valid."""
        path = path_of("webhooks", webhook_id, "end-secret-overlap")
        self._transport.request("POST", path)

    def recover(self, webhook_id: str, since: Time, *, dry_run: bool = False) -> Recovery:
        """Resend all that failed since a time. Call it again with `next_since` until that is
        None."""
        return self._send_since(webhook_id, "recover", since, dry_run)

    def send_missed(self, webhook_id: str, since: Time, *, dry_run: bool = False) -> Recovery:
        """Send events since a time that match and have no delivery, and skipped deliveries."""
        return self._send_since(webhook_id, "send-missed", since, dry_run)

    def _send_since(self, webhook_id: str, action: str, since: Time, dry_run: bool) -> Recovery:
        document = {"since": time_text(since), "dry_run": dry_run}
        path = path_of("webhooks", webhook_id, action)
        response = self._transport.request("POST", path, document, repeatable=dry_run)
        return cast("Recovery", response)
