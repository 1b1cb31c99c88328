"""First steps: a sample event that arrives, a curl command with a real key, one's own receiver."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from app.domain.common import ids
from app.domain.common.errors import Conflict, Invalid, QuotaExceeded, Unavailable
from app.domain.deliveries.states import OPEN
from app.queries.events import listing as event_queries
from app.runtime.context import runtime
from app.services.accounts.api_keys import NewKey
from app.services.first_steps import service
from app.web.accounts.organization import private
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, required
from app.web.first_steps.steps import steps_of

blueprint = Blueprint("first_steps", __name__, url_prefix="/first-steps")


class ReceiverForm(CallboardForm):
    subject = "First steps"
    url = StringField("URL of your receiver", [required("Enter a URL.")])


@blueprint.get("")
@auth.permission_required("deliveries:read")
def show() -> str:
    """With `event`: the sample event that was sent, and its deliveries."""
    return _page(ReceiverForm(None))


@blueprint.post("/test-inbox")
@auth.permission_required("webhooks:manage")
def test_inbox() -> Response:
    try:
        event_id = service.send_to_test_inbox(auth.organization_id(), auth.actor())
    except (Conflict, QuotaExceeded, Unavailable) as error:
        flash(error.detail, "error")
        return redirect(url_for("first_steps.show"), 303)
    return redirect(url_for("first_steps.show", event=event_id, _anchor="arrival"), 303)


@blueprint.post("/receiver")
@auth.permission_required("webhooks:manage")
def receiver() -> Response | tuple[str, int]:
    form = ReceiverForm()
    if not form.validate_on_submit():
        return _page(form), 422
    url = (form.url.data or "").strip()
    try:
        event_id = service.send_to_receiver(auth.organization_id(), url, auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _page(form), 422
    except (QuotaExceeded, Unavailable) as error:
        form.form_errors.append(error.detail)
        return _page(form), error.status
    return redirect(url_for("first_steps.show", event=event_id, _anchor="arrival"), 303)


@blueprint.post("/api-key")
@auth.permission_required("organization:manage")
def api_key() -> Response:
    """Show the key once, in the response itself: a redirect would have to carry it."""
    key = service.create_key(auth.organization_id(), auth.actor())
    return private(make_response(_page(ReceiverForm(None), key)))


@blueprint.post("/hide")
@auth.permission_required("webhooks:manage")
def hide() -> Response:
    service.hide(auth.organization_id(), auth.actor())
    flash("First steps hidden. Find them under Settings.", "info")
    return redirect(url_for("overview.show"), 303)


def _page(form: ReceiverForm, key: NewKey | None = None) -> str:
    signed_in = auth.current()
    assert signed_in is not None
    event_id = ids.canonical_id(request.args.get("event", ""))
    event = event_queries.get(signed_in.organization.id, event_id) if event_id else None
    deliveries = event_queries.deliveries_of(signed_in.organization.id, event.id) if event else []
    return render_template(
        "first_steps/show.html",
        steps=steps_of(signed_in.organization),
        form=form,
        key=key,
        event=event,
        deliveries=deliveries,
        is_open=any(row.state in OPEN for row in deliveries),
        public_url=runtime().settings.public_url,
        sample_type=service.SAMPLE_TYPE,
        sample_payload=service.sample_payload().decode(),
    )
