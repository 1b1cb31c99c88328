"""The audit log: who did what, when and from where, with the previous values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.common.ids import canonical_id
from app.models import AuditEntry
from app.queries import audit
from app.queries.audit import AuditFilter
from app.runtime.context import runtime
from app.services.audit.reads import record_read
from app.web.common import exports, filters
from app.web.common.access import auth

blueprint = Blueprint("audit", __name__, url_prefix="/settings/audit")

PAGE = 50
FIELDS = ("actor", "action", "subject", "range", "since", "until")
# Characters shown of one value.
MAX_VALUE = 600

# Actions whose title does not follow from noun and verb.
_TITLES = {
    "user.sign_in": "Signed in",
    "user.sign_in_refused": "Sign-in refused",
    "user.sign_out": "Signed out",
    "user.sign_out_everywhere": "Signed out everywhere",
    "user.change_password": "Password changed",
    "user.request_password_reset": "Password reset requested",
    "user.reset_password": "Password reset",
    "user.pass_first_factor": "Second factor requested",
    "user.enable_two_factor": "Two-factor authentication turned on",
    "user.disable_two_factor": "Two-factor authentication turned off",
    "user.remove_two_factor": "Two-factor authentication removed by the operator",
    "user.renew_recovery_codes": "Recovery codes renewed",
    "user.settle": "Account completed",
    "user.update": "Account changed",
    "failure.take_back": "Issue reopened",
    "delivery.export": "Deliveries exported",
    "delivery.reveal_secret": "Secret in a request revealed",
    "catcher.reveal_secret": "Secret in a received request shown",
    "notifications.test": "Test email sent",
    "organization.enter": "Entered by a platform owner",
    "organization.leave": "Left by a platform owner",
    "user.link_identity": "Account linked to OpenID Connect",
    "platform_owner.create": "Platform owner added",
    "platform_owner.delete": "Platform owner removed",
    "portal_link.end_all": "All portal links revoked",
    "listener.expire": "Silent listener deleted",
}
_NOUNS = {"api_key": "API key", "catcher": "Test inbox", "failure": "Issue"}
_VERBS = {
    "create": "created",
    "update": "changed",
    "delete": "deleted",
    "revoke": "revoked",
    "accept": "accepted",
    "check": "test sent",
    "disable": "disabled",
    "pause": "paused",
    "resume": "resumed",
    "suspend": "suspended",
    "cancel": "cancelled",
    "cancel_many": "cancelled (bulk)",
    "resend": "resent",
    "resend_many": "resent (bulk)",
    "send_missed": "missed events sent",
    "reveal_secret": "secret revealed",
    "rotate_secret": "secret rotated",
    "end_secret_overlap": "previous secret revoked",
    "export": "exported",
    "rotate": "rotated",
    "acknowledge": "acknowledged",
    "open": "opened",
    "clear": "cleared",
    "import": "imported",
}
# The page of an entry's subject, by the noun of its action, with the name of its URL parameter.
_PAGES = {
    "webhook": ("webhooks.show", "webhook_id"),
    "delivery": ("deliveries.show", "delivery_id"),
    "catcher": ("test_inbox.show", "inbox_id"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """before, after: JSON text; None if the field did not exist."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Row:
    entry: AuditEntry
    title: str
    subject_url: str | None
    changes: list[Change]


@blueprint.get("")
@auth.permission_required("audit:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = filters.read(FIELDS)
    selection = _filter(form)
    cursor = request.args.get("cursor")
    page = None if form.problems else audit.page(organization_id, selection, PAGE, cursor)
    return render_template(
        "audit/index.html",
        page=page,
        lines=[row_of(entry) for entry in page.rows] if page else [],
        form=form,
        cursor=cursor,
        audit_days=runtime().settings.audit_retention_days,
        actions=[(name, title(name)) for name in audit.actions(organization_id)],
        title=title,
        link=lambda **changed: filters.url_with(form, "audit.index", changed),
    )


@blueprint.get("/export.ndjson")
@auth.permission_required("audit:read")
def export() -> Response:
    organization_id, form = auth.organization_id(), filters.read(FIELDS)
    selection = _filter(form)
    after = {"filter": form.active}
    record = partial(record_read, organization_id, auth.actor(), "audit_log.export", after=after)
    token = None if form.problems else exports.begin(organization_id, record)
    if token is None:
        if not form.problems:
            flash(exports.BUSY, "warning")
        return redirect(url_for("audit.index", **form.active), 303)
    lines = (
        b"".join(msgspec.json.encode(document) + b"\n" for document in documents)
        for documents in audit.batches(organization_id, selection)
    )
    return exports.stream(token, lines, "audit-log", "ndjson")


def _filter(form: filters.FilterValues) -> AuditFilter:
    return AuditFilter(
        actor=form.text("actor"),
        action=form.text("action"),
        subject=form.text("subject"),
        since=form.since(),
        until=form.moment("until"),
    )


def row_of(entry: AuditEntry) -> Row:
    return Row(entry, title(entry.action), _subject_url(entry), changes(entry.before, entry.after))


def title(action: str) -> str:
    """`Webhook created` from `webhook.create`."""
    if action in _TITLES:
        return _TITLES[action]
    noun, _, verb = action.partition(".")
    thing = _NOUNS.get(noun, noun.replace("_", " ").capitalize())
    return f"{thing} {_VERBS.get(verb, verb.replace('_', ' '))}".strip()


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Field by field, in the order in which they were written."""
    was, became = before or {}, after or {}
    return [Change(name, _text(was, name), _text(became, name)) for name in {**was, **became}]


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    if name not in fields:
        return None
    value = fields[name]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _subject_url(entry: AuditEntry) -> str | None:
    page = _PAGES.get(entry.action.partition(".")[0])
    if page is None or entry.action.endswith(".delete") or not canonical_id(entry.subject_id):
        return None
    endpoint, name = page
    arguments: dict[str, Any] = {name: entry.subject_id}
    return url_for(endpoint, **arguments)
