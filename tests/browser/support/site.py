"""The pages served for a browser, with something of everything to see."""

import threading
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import update
from werkzeug.serving import make_server

from app.domain.common.clock import now_ms
from app.models import Due, Webhook, WebhookState, Worker
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.first_steps import service as first_steps
from app.services.issues.acknowledgements import acknowledge
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.browser.support.figures import tell
from tests.services.people import PASSWORD, person
from tests.web.records import delivery, event

EMAIL = "mara@example.com"
LONG = "https://partner.example.com/api/v2/video-callbacks/of/a/long/path?tenant=northlight&x=1"


@dataclass
class Site:
    """deliveries, hooks: ids of what the pages are to show, by a word for each."""

    app: Flask
    organization_id: str = ""
    event_id: str = ""
    deliveries: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)
    port: int = 0

    def __post_init__(self) -> None:
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def furnish(site: Site) -> None:
    """A person, webhooks in each state, deliveries in each state."""
    organization = organizations.create("Northlight Video")
    site.organization_id = organization.id
    person(EMAIL, organization.id, "owner", PASSWORD)
    _make_webhooks(site)
    first_steps.hide(organization.id, SYSTEM)
    hooks = site.hooks
    tell(organization.id, hooks)
    ours = (organization.id, hooks["healthy"])
    trouble = [(503, "status"), (None, "timeout_wait"), (503, "status")]
    soon = now_ms() + 600_000
    site.event_id = event(organization.id, source="media/" + "x" * 60)
    site.deliveries |= {
        "succeeded": delivery(*ours, "succeeded", [(200, "ok")]),
        "failed": delivery(organization.id, hooks["failing"], "failed", trouble),
        "retrying": delivery(*ours, "retrying", trouble, next_at=soon),
        "pending": delivery(*ours, "pending", (), next_at=soon),
        "skipped": delivery(organization.id, hooks["paused"], "skipped", ()),
        "cancelled": delivery(*ours, "cancelled", [(None, "tls_expired")]),
        "form": delivery(
            organization.id, hooks["form"], body=b"callback_id=7&callback_value=a&api_key=k"
        ),
        "first": delivery(organization.id, hooks["ordered"], "retrying", trouble, next_at=soon),
        "waits": delivery(organization.id, hooks["ordered"], "pending", (), next_at=soon),
    }
    _put_in_line(site.deliveries["first"], site.deliveries["waits"])
    for _ in range(3):
        delivery(organization.id, hooks["disabled"], "failed", [(None, "tls_expired")])
    delivery(organization.id, hooks["paused"], "failed", [(410, "gone")])
    acknowledge(organization.id, hooks["paused"], "gone", None, SYSTEM, "They move to v3: #1243")


def _put_in_line(first: str, second: str) -> None:
    with write_transaction() as session:
        for id_, head in ((first, True), (second, False)):
            mine = update(Due).where(Due.delivery_id == id_)
            session.execute(mine.values(ordering_key="media/1", head=head))


def _make_webhooks(site: Site) -> None:
    settings_by_name: dict[str, dict[str, Any]] = {
        "healthy": {"url": "https://example.com/hook", "name": "Production ingest"},
        "failing": {"url": LONG, "name": "Partner", "preset": "encoding"},
        "paused": {"url": LONG, "is_active": False, "event_types": ["encoding.finished"]},
        "form": {"url": "https://cms.example.com/", "preset": "form_callback", "api_key": "k"},
        "ordered": {
            "url": "https://in-order.example.com/",
            "ordered": True,
            "event_types": ["a.b"],
        },
        "disabled": {"url": "https://gone.example.com/", "preset": "asset", "secret_token": "t"},
    }
    for name, settings in settings_by_name.items():
        site.hooks[name] = webhooks.create(site.organization_id, settings, SYSTEM).id
    with write_transaction() as session:
        state = session.get_one(WebhookState, site.hooks["failing"])
        state.failing_since, state.last_failure_cause = now_ms() - 3_600_000, "status"
        state.consecutive_failures = 7
        session.add(Worker(name="worker-1", started_at=now_ms(), beat=1, seen_at=now_ms()))
        _disable(session, site.hooks["disabled"])


def _disable(session: Any, webhook_id: str) -> None:
    webhook = session.get_one(Webhook, webhook_id)
    webhook.is_active, webhook.disabled_at = False, now_ms()
    webhook.disabled_reason = "All attempts failed for 5 days."
