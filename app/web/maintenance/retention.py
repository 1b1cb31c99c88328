"""Settings for how long an organization keeps its data."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from app.domain.common.errors import Invalid
from app.models import Organization
from app.queries.events import listing as events
from app.runtime.context import runtime
from app.services.maintenance import retention
from app.web.accounts.forms import refused
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, number_or_text

blueprint = Blueprint("retention", __name__, url_prefix="/settings/retention")

MANAGE = "organization:manage"


class RetentionForm(CallboardForm):
    subject = "Data retention"
    retention_days = StringField("Events and deliveries (days)")
    payload_days = StringField("Payloads and responses (days)")


@blueprint.get("")
@auth.login_required
def show() -> Response:
    return _page()


@blueprint.post("")
@auth.permission_required(MANAGE)
def save() -> Response:
    form = RetentionForm()
    if not form.validate():
        return _page(form, status=422)
    days, sooner = (
        number_or_text(field.data) for field in (form.retention_days, form.payload_days)
    )
    try:
        retention.choose(auth.organization_id(), days, sooner, auth.actor())
    except Invalid as error:
        return _page(refused(form, error), status=422)
    flash("Data retention saved. Older data is deleted within the next hour.", "success")
    return redirect(url_for("retention.show"), 303)


def _page(form: RetentionForm | None = None, *, status: int = 200) -> Response:
    organization = auth.current_organization()
    assert organization is not None
    page = render_template(
        "maintenance/retention.html",
        form=form or RetentionForm(None, **_texts(organization)),
        kept=retention.kept_by(organization),
        audit_days=runtime().settings.audit_retention_days,
        most=runtime().settings.retention_days,
        oldest_at=events.oldest_at(organization.id),
        may_manage=auth.allows(MANAGE),
    )
    return make_response(page, status)


def _texts(organization: Organization) -> dict[str, str]:
    chosen = {
        "retention_days": organization.retention_days,
        "payload_days": organization.payload_days,
    }
    return {name: "" if days is None else str(days) for name, days in chosen.items()}
