"""Test inboxes: a URL inside Callboard and the requests that it received, live."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask import request as http_request
from werkzeug.wrappers import Response
from wtforms import StringField

from app.domain.common.errors import Conflict, Invalid
from app.domain.test_inbox.responses import MAX_DELAY_SECONDS, inbox_url
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as inbox_queries
from app.queries import webhooks as webhook_queries
from app.queries.deliveries import listing as delivery_queries
from app.runtime.context import runtime
from app.services.test_inbox import inboxes, reading
from app.services.test_inbox.receiving import KEPT_BYTES, MAX_KEPT
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, number_or_text
from app.web.deliveries import exchange

blueprint = Blueprint("test_inbox", __name__, url_prefix="/test-inbox")

PAGE = 30
POLL_SECONDS = 2
# Result of the signature check: tone and icon of the chip, and its text.
SIGNATURES = {
    "valid": ("succeeded", "succeeded", "Signature valid"),
    "wrong": ("failed", "failed", "Signature wrong"),
    "none": ("idle", "info", "Not signed"),
    "unknown": ("idle", "info", "Signed, sender unknown"),
    "unchecked": ("idle", "info", "Too long to check"),
}


class TestInboxForm(CallboardForm):
    subject = "Test inbox"
    name = StringField("Name")
    status = StringField("Status")
    delay_seconds = StringField("Delay in seconds")
    failure_percent = StringField("Failure rate in percent")

    def values(self) -> dict[str, object]:
        """The fields as the service takes them; numbers are checked there."""
        numbers = ("status", "delay_seconds", "failure_percent")
        typed = {name: number_or_text(self[name].data) for name in numbers}
        return {"name": (self.name.data or "").strip() or None, **typed}


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    rows = inbox_queries.listed(auth.organization_id())
    return render_template("test_inbox/index.html", inboxes=rows, url_of=url_of)


@blueprint.post("")
@auth.permission_required("webhooks:manage")
def create() -> Response:
    """Create one with default settings."""
    try:
        row = inboxes.create(auth.organization_id(), {}, auth.actor())
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("test_inbox.index"), 303)
    return redirect(url_for("test_inbox.show", inbox_id=row.id), 303)


@blueprint.get("/<uuid:inbox_id>")
@auth.permission_required("deliveries:read")
def show(inbox_id: object) -> str | tuple[str, int]:
    """Show the newest request, and follow."""
    return _page(_inbox(inbox_id))


@blueprint.get("/<uuid:inbox_id>/requests/<uuid:request_id>")
@auth.permission_required("deliveries:read")
def request(inbox_id: object, request_id: object) -> str | tuple[str, int]:
    """Show one request and stay there, whatever else arrives."""
    inbox = _inbox(inbox_id)
    row = inbox_queries.request(inbox.organization_id, inbox.id, str(request_id)) or abort(404)
    return _page(inbox, row)


@blueprint.route("/<uuid:inbox_id>/settings", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def settings(inbox_id: object) -> Response | str | tuple[str, int]:
    inbox = _inbox(inbox_id)
    data = http_request.form if http_request.method == "POST" else None
    form = TestInboxForm(data, data=_values(inbox))
    if not form.validate_on_submit():
        return _form(inbox, form, 422 if form.errors else 200)
    try:
        inboxes.update(auth.organization_id(), inbox.id, form.values(), auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _form(inbox, form, 422)
    flash("Saved. The settings apply to the next request.", "success")
    return redirect(url_for("test_inbox.show", inbox_id=inbox.id), 303)


@blueprint.post("/<uuid:inbox_id>/clear")
@auth.permission_required("webhooks:manage")
def clear(inbox_id: object) -> Response:
    inboxes.clear(auth.organization_id(), str(inbox_id), auth.actor())
    flash("Requests cleared.", "info")
    return redirect(url_for("test_inbox.show", inbox_id=inbox_id), 303)


@blueprint.route("/<uuid:inbox_id>/delete", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def delete(inbox_id: object) -> Response | str:
    inbox = _inbox(inbox_id)
    if http_request.method != "POST":
        return render_template("test_inbox/delete.html", inbox=inbox, senders=_senders(inbox))
    inboxes.delete(auth.organization_id(), inbox.id, auth.actor())
    flash(f"{inbox.name} deleted.", "info")
    return redirect(url_for("test_inbox.index"), 303)


def url_of(inbox: TestInbox) -> str:
    return inbox_url(runtime().settings.public_url, inbox.token)


def _inbox(inbox_id: object) -> TestInbox:
    return inbox_queries.get(auth.organization_id(), str(inbox_id)) or abort(404)


def _senders(inbox: TestInbox) -> object:
    return inbox_queries.senders(inbox.organization_id, url_of(inbox))


def _page(inbox: TestInbox, pinned: TestInboxRequest | None = None) -> str | tuple[str, int]:
    organization_id, cursor = inbox.organization_id, http_request.args.get("cursor")
    page = inbox_queries.caught(organization_id, inbox.id, PAGE, cursor)
    newest = page.rows[0].id if page.rows else ""
    version = f"{inbox.received}.{newest}"
    if http_request.headers.get("HX-Request") and http_request.args.get("seen") == version:
        return "", 204
    selected = pinned
    if selected is None and newest:
        selected = inbox_queries.request(organization_id, inbox.id, newest)
    webhook_id = selected.webhook_id if selected else None
    delivery_id = selected.delivery_id if selected else None
    return render_template(
        "test_inbox/show.html",
        inbox=inbox,
        url=url_of(inbox),
        page=page,
        cursor=cursor,
        selected=selected,
        pinned=pinned,
        message=_message(selected) if selected else None,
        webhook=webhook_queries.get(organization_id, webhook_id) if webhook_id else None,
        # A test send has no delivery that could be opened.
        delivery=delivery_queries.get(organization_id, delivery_id) if delivery_id else None,
        senders=_senders(inbox),
        signatures=SIGNATURES,
        version=version,
        poll=POLL_SECONDS,
        max_stored=MAX_KEPT,
    )


def _message(row: TestInboxRequest) -> exchange.Message:
    """The request as its receiver sees it, with the webhook's secrets masked for viewers."""
    content = reading.content_of(row, shows_secrets=auth.allows("webhooks:manage"))
    if content.shows_secrets and http_request.method == "GET":
        reading.record_reveal(row, auth.actor())
    return exchange.message(content.head, content.body, truncated=row.bytes > KEPT_BYTES)


def _values(inbox: TestInbox) -> dict[str, str]:
    return {
        "name": inbox.name,
        "status": str(inbox.status),
        "delay_seconds": f"{inbox.delay_ms / 1000:g}",
        "failure_percent": str(inbox.failure_percent),
    }


def _form(inbox: TestInbox, form: TestInboxForm, status: int) -> tuple[str, int]:
    page = render_template(
        "test_inbox/settings.html",
        inbox=inbox,
        form=form,
        url=url_of(inbox),
        longest_delay=MAX_DELAY_SECONDS,
    )
    return page, status
