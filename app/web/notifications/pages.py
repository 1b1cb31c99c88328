"""Notification settings: email for members, system webhooks for programs."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.domain.common.errors import Conflict, Invalid
from app.domain.event_types.names import NOTICE_TYPES
from app.domain.notifications.mail_server import parse_mail_server
from app.domain.notifications.system_events import DIGEST, KINDS
from app.domain.webhooks.presets import CHATS, PRESETS
from app.queries import notifications, webhooks
from app.queries.notifications import Recipient
from app.runtime.context import runtime
from app.services.notifications import preferences as verbs
from app.web.accounts.forms import TickField, choices, refused
from app.web.common.access import auth
from app.web.common.forms import CallboardForm

blueprint = Blueprint("notifications", __name__, url_prefix="/settings/notifications")

MANAGE = "members:manage"
WORDS = {name: kind.title for name, kind in KINDS.items()}


class KindsForm(CallboardForm):
    subject = "Notifications"
    kinds = TickField("Email notifications", choices=choices(WORDS))


@blueprint.get("")
@auth.login_required
def show() -> str:
    return _page(_own())


@blueprint.post("")
@auth.login_required
def save() -> Response | tuple[str, int]:
    return _save(_own())


@blueprint.get("/members/<uuid:user_id>")
@auth.permission_required(MANAGE)
def show_member(user_id: object) -> str:
    return _page(_recipient(str(user_id)))


@blueprint.post("/members/<uuid:user_id>")
@auth.permission_required(MANAGE)
def save_member(user_id: object) -> Response | tuple[str, int]:
    return _save(_recipient(str(user_id)))


@blueprint.post("/test")
@auth.login_required
def send_test() -> Response:
    try:
        to = verbs.send_test(auth.organization_id(), _own().user.id, auth.actor())
        flash(f"The mail server accepted a test email to {to}.", "success")
    except Conflict as error:
        flash(f"The test email was not sent. {error.detail}", "error")
    return redirect(url_for("notifications.show"), 303)


def _own() -> Recipient:
    user = auth.current_user()
    return _recipient(user.id if user else "")


def _recipient(user_id: str) -> Recipient:
    return notifications.recipient(auth.organization_id(), user_id) or abort(404)


def _save(recipient: Recipient) -> Response | tuple[str, int]:
    form = KindsForm()
    if not form.validate():
        return _page(recipient, form), 422
    organization_id, kinds = auth.organization_id(), form.kinds.data or ()
    try:
        verbs.choose(organization_id, recipient.user.id, kinds, auth.actor())
    except Invalid as error:
        return _page(recipient, refused(form, error)), 422
    flash("Notifications saved.", "success")
    return redirect(url_for("notifications.show"), 303)


def _page(recipient: Recipient, form: KindsForm | None = None) -> str:
    organization_id, url = auth.organization_id(), runtime().settings.smtp_url
    user = auth.current_user()
    is_own = user is not None and user.id == recipient.user.id
    may_manage = auth.allows(MANAGE)
    recipients = notifications.recipients(organization_id)
    return render_template(
        "notifications/index.html",
        form=form or KindsForm(None, kinds=list(recipient.kinds)),
        recipient=recipient,
        is_own=is_own,
        kinds=KINDS,
        server=parse_mail_server(url).name if url else None,
        may_manage=may_manage,
        others=[r for r in recipients if user and r.user.id != user.id],
        mails=notifications.recent(organization_id) if may_manage and is_own else (),
        notice_types=[*KINDS, DIGEST],
        chats=[PRESETS[name] for name in CHATS],
        listeners=[w for w in webhooks.listed(organization_id) if _listens(w.event_types)],
    )


def _listens(event_types: list[str] | None) -> bool:
    return event_types is not None and not NOTICE_TYPES.isdisjoint(event_types)
