"""Pages and API paths, and the time the product takes to serve them."""

import time

from app import create_app
from app.domain.common.clock import iso
from app.domain.common.ids import ms_of
from app.queries.common.pages import encode_cursor
from app.runtime.configuration.settings import Settings
from app.services.accounts import api_keys, members, users
from app.services.accounts.actor import SYSTEM
from app.services.sign_in import sessions
from app.store.transaction import write_transaction
from bench.installation import Installation
from bench.rows import ASSET, MEDIA

# Served from an index: the time does not depend on the number of stored rows.
INDEXED = (
    "/", "/?range=1h", "/?range=7d", "/?range=30d", "/deliveries", "/deliveries?cursor={cursor}",
    "/deliveries?columns=state,event,duration,attempts,created&times=absolute",
    "/deliveries?range=24h", "/deliveries?since={since}&until={until}", "/deliveries?state=failed",
    "/deliveries?state=skipped&range=7d", "/deliveries?state=failed&webhook_id={webhook}",
    "/deliveries?state=pending", "/deliveries?webhook_id={webhook}",
    "/deliveries?webhook_id={webhook}&cursor={cursor}", "/deliveries?event_id={event}",
    "/deliveries?q={delivery}", "/deliveries?q={webhook}", "/deliveries/{delivery}",
    "/deliveries/{failed}?state=failed", "/deliveries/live?newest={delivery}", "/events",
    "/attempts", "/attempts?cursor={attempt_cursor}",
    "/attempts?test=no&since={since}&until={until}", "/attempts?webhook_id={webhook}",
    "/events/live?newest={event}", "/jobs",
    "/events?cursor={event_cursor}", "/events?source={source}", "/events?range=24h",
    "/events?q={event}", "/events/{event}", "/webhooks",
    "/webhooks?state=failing", "/webhooks?sort=name", "/webhooks/{webhook}",
    "/webhooks/{webhook}?range=30d", "/webhooks/{webhook}/edit", "/event-types", "/issues",
    "/settings/audit", "/metrics", "/search?q={asset}", "/search/suggestions?q={asset}",
    "/search/suggestions?q={media}", "/events?value={asset}", "/events?value={media}",
    "/events?value=never-seen", "/deliveries?value={asset}", "/deliveries?value={media}",
    "/api/v1/events?value={asset}",
    "/api/v1/deliveries?limit=100", "/api/v1/deliveries?state=failed",
    "/api/v1/deliveries?webhook_id={webhook}&cursor={cursor}", "/api/v1/deliveries/{delivery}",
    "/api/v1/events?limit=100", "/api/v1/events?source={source}", "/api/v1/events/{event}",
    "/api/v1/webhooks", "/api/v1/webhooks/{webhook}",
)  # fmt: skip
# Not served from an index: a page examines a bounded number of rows and returns a cursor.
SEARCHED = (
    "/deliveries?q=nobody-wrote-this", "/deliveries?q=nobody-wrote-this&cursor={cursor}",
    "/deliveries?event_type={type}", "/deliveries?event_type=never.sent",
    "/deliveries?source={source}", "/deliveries?source=never-seen", "/deliveries?status=5xx",
    "/deliveries?status=418", "/deliveries?cause=status", "/deliveries?cause=tls_expired",
    "/deliveries?state=failed&status=418", "/deliveries?state=succeeded&status=418",
    "/deliveries?webhook_id={webhook}&cause=tls_expired", "/deliveries/resend?state=failed",
    "/jobs/{job}", "/deliveries/resend?status=5xx", "/deliveries/resend?event_type={type}",
    "/deliveries/cancel?webhook_id={webhook}",
    "/issues/resend?webhook_id={webhook}&cause=status&status=500",
    "/attempts?outcome=failed", "/attempts?outcome=final&range=24h", "/attempts?status=5xx",
    "/attempts?status=418", "/attempts?cause=tls_expired", "/attempts?event_type={type}",
    "/attempts?source=never-seen", "/attempts?slower=9000", "/attempts?test=yes",
    "/attempts?webhook_id={webhook}&status=418", "/attempts?test=no&outcome=failed&since={since}",
    "/api/v1/attempts", "/api/v1/attempts?status_code=418",
    "/events?type={type}", "/events?type=never.sent", "/events?q=nobody-wrote-this",
    "/events?q=b1946ac9", "/events?source={source}&type=never.sent",
    "/api/v1/deliveries?q=nobody-wrote-this", "/search?q=nobody-wrote-this",
)  # fmt: skip
# The lists of deliveries among both, which count the states of what they list.
LISTS = frozenset(
    page for page in (*INDEXED, *SEARCHED) if page == "/deliveries" or "/deliveries?" in page[:12]
)


def names(target: Installation) -> dict[str, str]:
    """Values for the placeholders, from a row in the middle of the stored ones."""
    number = target.scalar("SELECT count(*) FROM deliveries")
    row = target.rows(
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
        "asset": ASSET,
        "media": MEDIA,
        "failed": str(target.scalar(failed)),
        "job": str(target.scalar("SELECT id FROM jobs")),
        "cursor": encode_cursor(str(delivery)),
        "attempt_cursor": encode_cursor(f"{ms_of(str(delivery))}.1.{delivery}.1"),
        "event_cursor": encode_cursor(str(event)),
        "since": iso(at_ms),
        "until": iso(at_ms + 86_400_000),
    }


class Reader:
    """Reads pages as a signed-in member, and the API with a key, in this process."""

    def __init__(self, settings: Settings, organization_id: str) -> None:
        self._app = create_app(settings)
        with self._app.app_context():
            key = api_keys.create(organization_id, "reader", actor=SYSTEM).key
            with write_transaction() as session:
                user = users.add(session, "reader@example.com", "Reader", None)
                members.add(session, organization_id, user.id, "owner", SYSTEM)
            session_id = sessions.begin(user.id, None, "bench", remembered=False)
            signed_in = {"id": session_id, "user": user.id, "serial": user.session_serial}
        self._headers = {"Authorization": f"Bearer {key}"}
        self._client = self._app.test_client()
        with self._client.session_transaction() as session:
            session.update(signed_in)

    def milliseconds(self, path: str) -> float:
        """Server time from the request to the last byte of the response."""
        headers = self._headers if path.startswith("/api/") else {}
        before = time.perf_counter()
        response = self._client.get(path, headers=headers)
        response.get_data()
        elapsed = (time.perf_counter() - before) * 1000
        assert response.status_code in {200, 204}, (path, response.status, response.text[:500])
        return elapsed
