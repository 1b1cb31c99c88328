"""What people and programs look at, and how long the product takes for it."""

import time

from app import create_app
from app.domain.common.clock import iso
from app.queries.common.pages import encode_cursor
from app.services.accounts import api_keys, members, users
from app.services.accounts.actor import SYSTEM
from app.store.transaction import write_transaction
from bench.installation import Installation

# An index serves these: they cost the same whatever is stored.
SERVED = (
    "/", "/?range=1h", "/?range=7d", "/?range=30d", "/deliveries", "/deliveries?cursor={cursor}",
    "/deliveries?range=24h", "/deliveries?since={since}&until={until}", "/deliveries?state=failed",
    "/deliveries?state=skipped&range=7d", "/deliveries?state=failed&webhook_id={webhook}",
    "/deliveries?state=pending", "/deliveries?webhook_id={webhook}",
    "/deliveries?webhook_id={webhook}&cursor={cursor}", "/deliveries?event_id={event}",
    "/deliveries?q={delivery}", "/deliveries?q={webhook}", "/deliveries/{delivery}",
    "/deliveries/{failed}?state=failed", "/deliveries/live?newest={delivery}", "/events",
    "/events?cursor={event_cursor}", "/events?source={source}", "/events?range=24h",
    "/events?q={event}", "/events/{event}", "/webhooks", "/webhooks/{webhook}",
    "/webhooks/{webhook}?range=30d", "/webhooks/{webhook}/edit", "/event-types", "/issues",
    "/settings/audit", "/metrics",
    "/api/v1/deliveries?limit=100", "/api/v1/deliveries?state=failed",
    "/api/v1/deliveries?webhook_id={webhook}&cursor={cursor}", "/api/v1/deliveries/{delivery}",
    "/api/v1/events?limit=100", "/api/v1/events?source={source}", "/api/v1/events/{event}",
    "/api/v1/webhooks", "/api/v1/webhooks/{webhook}",
)  # fmt: skip
# No index serves these: a page examines a bounded number of rows, and its cursor goes on.
SEARCHED = (
    "/deliveries?q=nobody-wrote-this", "/deliveries?q=nobody-wrote-this&cursor={cursor}",
    "/deliveries?event_type={type}", "/deliveries?event_type=never.sent",
    "/deliveries?source={source}", "/deliveries?source=never-seen", "/deliveries?status=5xx",
    "/deliveries?status=418", "/deliveries?cause=status", "/deliveries?cause=tls_expired",
    "/deliveries?state=failed&status=418", "/deliveries?state=succeeded&status=418",
    "/deliveries?webhook_id={webhook}&cause=tls_expired", "/deliveries/resend?state=failed",
    "/events?type={type}", "/events?type=never.sent", "/events?q=nobody-wrote-this",
    "/events?q=b1946ac9", "/events?source={source}&type=never.sent",
    "/api/v1/deliveries?q=nobody-wrote-this",
)  # fmt: skip


def names(at: Installation) -> dict[str, str]:
    """What stands in braces: of rows in the middle of what is stored."""
    number = at.scalar("SELECT count(*) FROM deliveries")
    row = at.rows(
        "SELECT id, event_id, webhook_id, event_type, source, created_at FROM deliveries"
        f" ORDER BY id LIMIT 1 OFFSET {number // 2}"
    )[0]
    failed = "SELECT id FROM deliveries WHERE state = 'failed' ORDER BY id DESC LIMIT 1 OFFSET 30"
    delivery, event, webhook, type_, source, at_ms = row
    return {
        "delivery": str(delivery),
        "event": str(event),
        "webhook": str(webhook),
        "type": type_,
        "source": source,
        "failed": str(at.scalar(failed)),
        "cursor": encode_cursor(str(delivery)),
        "event_cursor": encode_cursor(str(event)),
        "since": iso(at_ms),
        "until": iso(at_ms + 86_400_000),
    }


class Reader:
    """A member of an organization, and a program with its key, in this process."""

    def __init__(self, at: Installation, organization_id: str) -> None:
        self._app = create_app(at.settings)
        with self._app.app_context():
            key = api_keys.create(organization_id, "reader", actor=SYSTEM).key
            with write_transaction() as session:
                user = users.add(session, "reader@example.com", "Reader", None)
                members.add(session, organization_id, user.id, "owner", SYSTEM)
            signed_in = {"user": user.id, "serial": user.session_serial}
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = self._app.test_client()
        with self._client.session_transaction() as session:
            session.update(signed_in)

    def milliseconds(self, path: str) -> float:
        """Of the server's time, from the request to the last byte of its answer."""
        headers = self._headers if path.startswith("/api/") else {}
        before = time.perf_counter()
        answer = self._client.get(path, headers=headers)
        answer.get_data()
        took = (time.perf_counter() - before) * 1000
        assert answer.status_code in {200, 204}, (path, answer.status, answer.text[:500])
        return took
