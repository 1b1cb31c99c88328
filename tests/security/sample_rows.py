"""One of each thing of an organization."""

from flask import Flask

from app.domain.event_types.fields import EventTypeFields
from app.models import TestInboxRequest, UserSession
from app.models.common.base import db
from app.queries.accounts import portal as portal_queries
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts import api_keys, invitations
from app.services.accounts.actor import SYSTEM, Actor
from app.services.deliveries import saved_views
from app.services.event_types import platform
from app.services.event_types import service as event_types
from app.services.event_types.platform import PlatformFields
from app.services.events import render_templates
from app.services.jobs import service as jobs
from app.services.listeners import service as listeners
from app.services.portal import logos
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhooks
from tests.domain.portal.test_logos import png
from tests.web import records

# In names and payloads: no stranger may read it.
CANARY = "canary-of-acme"
RENDER_ID = "0198c7a2-7c1e-7000-8000-2f6b1f9d3c11"


def things(app: Flask, organization_id: str, viewer_id: str, member_id: str) -> dict[str, str]:
    """Ids by the name of the parameter in a rule."""
    return {
        **_sent(organization_id),
        **_inbox(app, organization_id),
        **_of_people(organization_id, viewer_id, member_id),
        "listener_id": listeners.create(organization_id, {"name": CANARY}, SYSTEM).listener.id,
        "callback_id": RENDER_ID,
        "organization_id": organization_id,
        "user_id": member_id,
        "number": "1",
        "token": "no-such-token",
        "color": "aa3311",
        "logo_id": _logo(organization_id),
        "rest": "x",
    }


def _logo(organization_id: str) -> str:
    logos.store(organization_id, png(), SYSTEM)
    return str(portal_queries.logo_digest(organization_id))


def _sent(organization_id: str) -> dict[str, str]:
    fields = {"url": "https://receiver.example.com/hook", "name": CANARY}
    webhook_id = webhooks.create(organization_id, fields, SYSTEM).id
    delivery_id = records.delivery(organization_id, webhook_id)
    event_id = records.event(organization_id, b'{"canary": "%s"}' % CANARY.encode())
    # The source of a render's events is its id.
    records.event(organization_id, b"{}", type="render.queued", source=RENDER_ID)
    nothing = DeliveryFilter(event_type="a.described")
    job_id = jobs.start_matching(organization_id, nothing, SYSTEM, "cancel").id
    name, described = "a.described", EventTypeFields(description=CANARY)
    event_types.put(organization_id, name, described, SYSTEM)
    template = render_templates.create(organization_id, CANARY, b"{}", SYSTEM)
    return {
        "template_id": template.id,
        "webhook_id": webhook_id,
        "delivery_id": delivery_id,
        "event_id": event_id,
        "job_id": job_id,
        **_of_svix(organization_id, webhook_id, delivery_id),
        "render_id": RENDER_ID,
        "event_type": name,
        "operation_id": "listEvents",
        "guide": "concepts",
        "image": "overview.png",
        "name": name,
    }


def _of_svix(organization_id: str, webhook_id: str, delivery_id: str) -> dict[str, str]:
    """The same things by the names that Svix's paths have for them."""
    failed = DeliveryFilter(states=("failed",), webhook_id=webhook_id)
    delivery = deliveries.find(organization_id, delivery_id)
    assert delivery is not None
    platform.put("a.described", PlatformFields("Of all organizations"), SYSTEM)
    return {
        "app_id": organization_id,
        "endpoint_id": webhook_id,
        "msg_id": delivery.event_id,
        "attempt_id": f"{delivery_id}.1",
        "event_type_name": "a.described",
        "task_id": jobs.start_matching(organization_id, failed, SYSTEM, "resend").id,
        "area": "stream",
        "stream_area": "stream",
        "application_area": "poller",
    }


def _inbox(app: Flask, organization_id: str) -> dict[str, str]:
    inbox = inboxes.create(organization_id, {"name": CANARY}, SYSTEM)
    app.test_client().post(f"/catch/{inbox.token}", data=CANARY.encode())
    request_id = db.session.query(TestInboxRequest.id).scalar()
    return {"inbox_id": inbox.id, "request_id": str(request_id)}


def _of_people(organization_id: str, viewer_id: str, member_id: str) -> dict[str, str]:
    key = api_keys.create(organization_id, CANARY, actor=SYSTEM)
    invited, _ = invitations.create(organization_id, "new@example.com", "viewer", SYSTEM)
    actor = Actor("user", member_id, "member@example.com")
    failed = {"state": "failed"}
    view = saved_views.create(organization_id, viewer_id, CANARY, failed, actor)
    session_id = db.session.query(UserSession.id).filter_by(user_id=viewer_id).scalar()
    return {
        "key_id": key.id,
        "invitation_id": invited.id,
        "view_id": view.id,
        "session_id": str(session_id),
    }
