"""Catchers: a URL inside the product, and what came to it, live."""

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response
from wtforms import StringField

from app.domain.common.errors import Conflict, Invalid
from app.domain.deliveries import masking as concealing
from app.domain.test_inbox.responses import LONGEST_DELAY_SECONDS, inbox_url
from app.models import TestInbox, TestInboxRequest
from app.queries import test_inbox as catchers
from app.queries import webhooks
from app.queries.deliveries import listing as deliveries
from app.runtime.context import runtime
from app.services.test_inbox import inboxes as verbs
from app.services.test_inbox.receiving import KEPT_BYTES, MOST_KEPT
from app.web.common import auth
from app.web.common.forms import CallboardForm, number_or_text
from app.web.deliveries import exchange

blueprint = Blueprint("catcher", __name__, url_prefix="/catcher")

PAGE = 30
POLL_SECONDS = 2
# Of a signature: the chip's tone and icon, and what it says.
SIGNATURES = {
    "valid": ("succeeded", "succeeded", "Signature valid"),
    "wrong": ("failed", "failed", "Signature wrong"),
    "none": ("idle", "info", "Not signed"),
    "unknown": ("idle", "info", "Signed, sender unknown"),
    "unchecked": ("idle", "info", "Too long to check"),
}


class TestInboxForm(CallboardForm):
    name = StringField("Name")
    status = StringField("Status")
    delay_seconds = StringField("Delay in seconds")
    failure_percent = StringField("Failure rate in percent")

    def given(self) -> dict[str, object]:
        numbers = ("status", "delay_seconds", "failure_percent")
        typed = {name: number_or_text(self[name].data) for name in numbers}
        return {"name": (self.name.data or "").strip() or None, **typed}


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    found = catchers.listed(auth.organization_id())
    return render_template("test_inbox/index.html", catchers=found, url_of=url_of)


@blueprint.post("")
@auth.permission_required("webhooks:manage")
def create() -> Response:
    """One click: all that can be chosen has a default."""
    try:
        row = verbs.create(auth.organization_id(), {}, auth.actor())
    except Conflict as error:
        flash(error.detail, "error")
        return redirect(url_for("catcher.index"), 303)
    return redirect(url_for("catcher.show", catcher_id=row.id), 303)


@blueprint.get("/<uuid:catcher_id>")
@auth.permission_required("deliveries:read")
def show(catcher_id: object) -> str | tuple[str, int]:
    """Follows what comes: the newest request is the one that is shown."""
    return _page(_found(catcher_id))


@blueprint.get("/<uuid:catcher_id>/requests/<uuid:request_id>")
@auth.permission_required("deliveries:read")
def caught(catcher_id: object, request_id: object) -> str | tuple[str, int]:
    """Stays at one request, whatever else comes."""
    catcher = _found(catcher_id)
    chosen = catchers.request(catcher.organization_id, catcher.id, str(request_id)) or abort(404)
    return _page(catcher, chosen)


@blueprint.route("/<uuid:catcher_id>/settings", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def change(catcher_id: object) -> Response | str | tuple[str, int]:
    catcher = _found(catcher_id)
    form = TestInboxForm(None if request.method == "GET" else request.form, data=_values(catcher))
    if not form.validate_on_submit():
        return _form(catcher, form, 422 if form.errors else 200)
    try:
        verbs.update(auth.organization_id(), catcher.id, form.given(), auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _form(catcher, form, 422)
    flash("Saved. The next request is answered this way.", "success")
    return redirect(url_for("catcher.show", catcher_id=catcher.id), 303)


@blueprint.post("/<uuid:catcher_id>/clear")
@auth.permission_required("webhooks:manage")
def clear(catcher_id: object) -> Response:
    verbs.clear(auth.organization_id(), str(catcher_id), auth.actor())
    flash("Cleared.", "info")
    return redirect(url_for("catcher.show", catcher_id=catcher_id), 303)


@blueprint.route("/<uuid:catcher_id>/delete", methods=["GET", "POST"])
@auth.permission_required("webhooks:manage")
def delete(catcher_id: object) -> Response | str:
    catcher = _found(catcher_id)
    if request.method == "GET":
        return render_template("test_inbox/delete.html", catcher=catcher, senders=_senders(catcher))
    verbs.delete(auth.organization_id(), catcher.id, auth.actor())
    flash(f"{catcher.name} is deleted, and its URL answers no more.", "info")
    return redirect(url_for("catcher.index"), 303)


def url_of(catcher: TestInbox) -> str:
    return inbox_url(runtime().settings.public_url, catcher.token)


def _found(catcher_id: object) -> TestInbox:
    return catchers.get(auth.organization_id(), str(catcher_id)) or abort(404)


def _senders(catcher: TestInbox) -> object:
    return catchers.senders(catcher.organization_id, url_of(catcher))


def _page(catcher: TestInbox, pinned: TestInboxRequest | None = None) -> str | tuple[str, int]:
    organization_id, cursor = catcher.organization_id, request.args.get("cursor")
    page = catchers.caught(organization_id, catcher.id, PAGE, cursor)
    newest = page.rows[0].id if page.rows else ""
    version = f"{catcher.received}.{newest}"
    if request.headers.get("HX-Request") and request.args.get("seen") == version:
        return "", 204
    chosen = pinned
    if chosen is None and newest:
        chosen = catchers.request(organization_id, catcher.id, newest)
    sender = chosen.webhook_id if chosen else None
    sent = chosen.delivery_id if chosen else None
    return render_template(
        "test_inbox/show.html",
        catcher=catcher,
        url=url_of(catcher),
        page=page,
        cursor=cursor,
        chosen=chosen,
        pinned=pinned,
        message=_message(chosen) if chosen else None,
        webhook=webhooks.get(organization_id, sender) if sender else None,
        # A check sends no delivery that could be opened.
        delivery=deliveries.get(organization_id, sent) if sent else None,
        senders=_senders(catcher),
        signatures=SIGNATURES,
        version=version,
        poll=POLL_SECONDS,
        most_kept=MOST_KEPT,
    )


def _message(chosen: TestInboxRequest) -> exchange.Message:
    """As its receiver sees it; without the webhook's secrets for who may not see those anyway."""
    head, body = bytes(chosen.head), bytes(chosen.body)
    if chosen.webhook_id and not auth.allows("webhooks:manage"):
        sender = webhooks.get_any(chosen.organization_id, chosen.webhook_id)
        concealer = concealing.of(sender)
        head, body = concealer.head(head), concealer.body(body)
    return exchange.message(head, body, truncated=chosen.bytes > KEPT_BYTES)


def _values(catcher: TestInbox) -> dict[str, str]:
    return {
        "name": catcher.name,
        "status": str(catcher.status),
        "delay_seconds": f"{catcher.delay_ms / 1000:g}",
        "failure_percent": str(catcher.failure_percent),
    }


def _form(catcher: TestInbox, form: TestInboxForm, status: int) -> tuple[str, int]:
    page = render_template(
        "test_inbox/settings.html",
        catcher=catcher,
        form=form,
        url=url_of(catcher),
        longest_delay=LONGEST_DELAY_SECONDS,
    )
    return page, status
