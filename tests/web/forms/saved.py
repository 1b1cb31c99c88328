"""Forms whose values a page shows again."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from werkzeug.test import TestResponse

from app.services.accounts import api_keys, platform_owners
from app.services.accounts.actor import SYSTEM
from app.services.test_inbox import inboxes
from app.services.webhooks import service as webhook_service
from app.web.accounts import forms as accounts
from app.web.deliveries.columns import COLUMNS
from app.web.event_types.imports import ImportForm
from app.web.event_types.pages import EventTypeForm
from app.web.events.pages import EventForm
from app.web.first_steps.pages import ReceiverForm
from app.web.maintenance.retention import RetentionForm
from app.web.notifications.pages import KindsForm
from app.web.platform.forms import NewOrganizationForm
from app.web.portal.links import PortalLinkForm
from app.web.test_inbox.pages import TestInboxForm
from app.web.webhooks.actions import RotateForm
from app.web.webhooks.testing import TestForm
from tests.services.people import PASSWORD, person
from tests.services.publishing import webhook
from tests.web.forms.controls import Values, forms_of
from tests.web.forms.form_fields import Case, World, text_of
from tests.web.records import delivery
from tests.web.visitor import Visitor

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
NETWORKS = "192.0.2.0/24\n2001:db8::/32"
DOCUMENT = {
    "openapi": "3.1.0",
    "webhooks": {"clip.ready": {"post": {"summary": "Clip & ready"}}, "clip.gone": {"post": {}}},
}


def value_index(_: World) -> Case:
    return Case("/settings", "/settings/value-index")


def rule(world: World) -> Case:
    world.with_app()
    return Case("/settings", "/settings/two-factor")


def key(_: World) -> Case:
    words = {
        "name": 'Zoë & <b>"name"</b>',
        "access": "events:write, webhooks:manage, deliveries:read, deliveries:resend",
        "allowed_networks": "from 192.0.2.0/24, 2001:db8::/32",
        "lifetime": str((datetime.now(UTC) + timedelta(days=365)).year),
    }
    values = {"allowed_networks": NETWORKS}
    words["scopes"] = words["access"]
    return Case("/settings/api-keys", values=values, words=words)


def networks(world: World) -> Case:
    row = api_keys.create(world.organization_id, "Farm", actor=SYSTEM)
    page = f"/settings/api-keys/{row.id}/networks"
    return Case(page, values={"allowed_networks": NETWORKS})


def profile(_: World) -> Case:
    values = {"email": "zoe@example.com", "current": PASSWORD}
    return Case("/settings/account", values=values, unseen=("current",))


def inbox(world: World) -> Case:
    row = inboxes.create(world.organization_id, {}, SYSTEM)
    values = {"status": "503", "delay_seconds": "1.5", "failure_percent": "40"}
    return Case(f"/test-inbox/{row.id}/settings", values=values)


def rotation(world: World) -> Case:
    webhook_id = webhook(world.organization_id)

    def proof(*_: object) -> None:
        secrets = webhook_service.secrets_of(world.organization_id, webhook_id)
        assert secrets.current == SECRET

    page = f"/webhooks/{webhook_id}/rotate-secret"
    unseen = ("overlap_seconds", "secret")
    return Case(page, values={"secret": SECRET}, unseen=unseen, proof=proof)


def event_type(_: World) -> Case:
    values = {
        "name": "clip.ready",
        "sample": '{"b": 1,\n "a": "ü"}',
        "json_schema": '{\n  "type": "object"\n}',
        "schema_check": "warn",
    }
    again = "/event-types/clip.ready/edit"
    return Case("/event-type-new", values=values, again=again, words={"name": "clip.ready"})


def event(_: World) -> Case:
    values = {"type": "clip.ready", "payload": '{"b": 1.50,\n "a": "ü"}'}

    def again(response: TestResponse) -> str:
        return f"/events/new?event={response.location.rpartition('/')[2]}"

    # The last field appears once a payload does not match its schema.
    case = Case("/events/new", values=values, again=again, unseen=("despite_schema",))
    case.action_again = "/events/new"
    return case


def imported(_: World) -> Case:
    file = (io.BytesIO(json.dumps(DOCUMENT).encode()), "openapi.json")
    words = {"file": "Clip & ready", "document": "clip.gone"}
    return Case("/event-type-import", values={"file": file, "document": "{}"}, words=words)


def portal_link(world: World) -> Case:
    values = {"brand_color": "#1d3fb4", "brand_logo": "https://a.example/b.svg"}
    values |= {"allowed_origins": "https://a.example\nhttps://b.example"}

    def proof(response: TestResponse, sent: dict[str, list[str]]) -> None:
        text = text_of(response)
        assert "has access as viewer" in text
        link = re.search(r'id="portal-link"[^>]*>http://127\.0\.0\.1:8000([^<]+)', text)
        assert link
        visitor = Visitor(world.app)
        entered = visitor.get(link[1])
        page = visitor.get(entered.location)
        assert sent["brand_name"][0] in text_of(page)
        assert "/brand/1d3fb4.css" in page.text
        policy = page.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://a.example https://b.example")
        assert sent["visitor"][0] in text_of(world.visitor.get("/settings/audit"))

    unseen = ("visitor", "role", "expires_in", "brand_name", "brand_color", "brand_logo")
    unseen += ("allowed_origins",)
    return Case("/settings/portal", values=values, unseen=unseen, proof=proof)


def organization(world: World) -> Case:
    person("ops@example.com", password=PASSWORD)
    platform_owners.grant("ops@example.com", SYSTEM)
    operator = Visitor(world.app)
    operator.sign_in("ops@example.com", PASSWORD)
    words = {"name": 'Zoë & <b>"name"</b>', "email": "first@example.com"}
    values = {"email": "first@example.com"}
    return Case("/platform/organizations/new", values=values, words=words, visitor=operator)


def role(world: World) -> Case:
    member = person("bob@example.com", world.organization_id, "member")
    return Case("/settings/members", f"/settings/members/{member.id}/role")


def saved_view(_: World) -> Case:
    case = Case("/deliveries?state=failed", "/deliveries/views")
    case.again, case.words = "/deliveries", {"name": 'Zoë & <b>"name"</b>'}
    return case


def note(world: World) -> Case:
    webhook_id = webhook(world.organization_id)
    delivery(world.organization_id, webhook_id, "failed", [(503, "status")])
    words = {
        "note": 'Zoë & <b>"note"</b>',
        "until": "Acknowledged until 7 days have passed",
        "owner_id": f"Owner: {world.email}",
    }
    values = {"until": "7d", "owner_id": world.user.id}
    return Case("/issues", "/issues/acknowledge", values=values, words=words)


def chosen_columns(world: World) -> Case:
    delivery(world.organization_id, webhook(world.organization_id), "failed", [(503, "status")])
    return Case("/deliveries", "/deliveries/columns", values={"column": list(COLUMNS)})


INVITED = {"email": "bob@example.com", "role": "Viewer"}


def receiver(_: World) -> Case:
    values = {"url": "http://127.0.0.1:9/hook-of-zoë"}
    return Case(
        "/first-steps",
        "/first-steps/receiver",
        values,
        again="/webhooks",
        words={"url": "127.0.0.1:9/hook-of-zo"},
    )


def test_send(world: World) -> Case:
    webhook_id = webhook(world.organization_id, url="http://127.0.0.1:9/")

    def proof(response: TestResponse, sent: Values) -> None:
        [form] = [form for form in forms_of(response.text) if "payload" in form.controls]
        names = ("type", "source", "payload", "to")
        assert [form.values()[name] for name in names] == [sent[name] for name in names]
        assert "Open this delivery" in response.text

    values = {"type": "clip.ready", "payload": '{"b": 1.50,\n "a": "ü"}', "to": "matching"}
    unseen = ("type", "source", "payload", "to")
    page = f"/webhooks/{webhook_id}/test"
    return Case(page, f"{page}#test-result", values, unseen=unseen, proof=proof)


SAVED: dict[object, Callable[[World], Case]] = {
    accounts.OrganizationForm: lambda _: Case("/settings"),
    accounts.TwoFactorRuleForm: rule,
    accounts.ValueIndexForm: value_index,
    accounts.InviteForm: lambda _: Case(
        "/settings/members",
        "/settings/members/invitations",
        {"email": "bob@example.com", "role": "viewer"},
        words=INVITED,
    ),
    accounts.KeyForm: key,
    accounts.NetworksForm: networks,
    accounts.ProfileForm: profile,
    KindsForm: lambda _: Case("/settings/notifications"),
    RetentionForm: lambda _: Case(
        "/settings/retention", values={"retention_days": "20", "payload_days": "10"}
    ),
    TestInboxForm: inbox,
    RotateForm: rotation,
    ReceiverForm: receiver,
    TestForm: test_send,
    EventTypeForm: event_type,
    EventForm: event,
    ImportForm: imported,
    PortalLinkForm: portal_link,
    NewOrganizationForm: organization,
    # Forms that a template spells out.
    "accounts/members.html": role,
    "deliveries/_columns.html": chosen_columns,
    "deliveries/_saved_views.html": saved_view,
    "issues/_acknowledge.html": note,
}
