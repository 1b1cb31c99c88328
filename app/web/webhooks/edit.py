"""Create and edit a webhook: a preset fills the form, a preview follows it."""

from typing import Any
from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.common.errors import Invalid, QuotaExceeded
from app.domain.event_types.names import SAMPLES
from app.domain.webhooks.credentials.authentication import PARTS
from app.domain.webhooks.matching import required_fields
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS, Preset
from app.domain.webhooks.settings.catalogue import SECTIONS
from app.models import Webhook
from app.queries.event_types import catalogue as event_type_queries
from app.services.webhooks import service as webhook_service
from app.services.webhooks.service import Secrets
from app.web.common.access import auth
from app.web.common.forms import choices
from app.web.webhooks.form import (
    WebhookForm,
    document,
    new_values,
    preset_values,
    rows,
    values_of,
    with_stored_values,
)
from app.web.webhooks.pages import blueprint, webhook_or_404
from app.web.webhooks.preview import Preview, preview
from app.web.webhooks.retry_policy_widget import PARAMETERS
from app.web.webhooks.widgets import Values, hint

Page = str | tuple[str, int] | Response


@blueprint.get("/new")
@auth.permission_required("webhooks:manage")
def new() -> str:
    """Without a known `?preset=`, the choice of one."""
    preset = request.args.get("preset", "")
    if preset not in PRESETS:
        return render_template("webhooks/presets.html", presets=PRESETS.values(), samples=SAMPLES)
    return _page(_filled(new_values(preset) | {"url": [request.args.get("url", "")]}))


@blueprint.post("/new")
@auth.permission_required("webhooks:manage")
def create() -> Page:
    form = WebhookForm()
    if (page := _unsaved(form)) is not None:
        return page
    try:
        if not form.validate():
            return _page(form), 422
        webhook = webhook_service.create(auth.organization_id(), document(form), auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _page(form), 422
    except QuotaExceeded as error:
        form.form_errors.append(error.detail)
        return _page(form), error.status
    flash("Webhook created. Send a test to see how the receiver responds.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


@blueprint.get("/<uuid:webhook_id>/edit")
@auth.permission_required("webhooks:manage")
def edit(webhook_id: UUID) -> str:
    webhook = webhook_or_404(webhook_id)
    return _page(_filled(values_of(webhook)), webhook)


@blueprint.post("/<uuid:webhook_id>/edit")
@auth.permission_required("webhooks:manage")
def update(webhook_id: UUID) -> Page:
    webhook, form = webhook_or_404(webhook_id), WebhookForm()
    if (page := _unsaved(form, webhook)) is not None:
        return page
    try:
        if not form.validate():
            return _page(form, webhook), 422
        changes = with_stored_values(document(form, webhook), webhook)
        webhook_service.update(auth.organization_id(), webhook.id, changes, auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _page(form, webhook), 422
    flash("Webhook saved. The next deliveries use the new settings.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _unsaved(form: WebhookForm, webhook: Webhook | None = None) -> Page | None:
    """Return the page for a request that saves nothing: a preview or a change of the preset."""
    action, is_live = request.form.get("action"), "HX-Request" in request.headers
    previous = form.previous_preset.data
    is_changed = previous in PRESETS and form.preset.data != previous
    if action == "preset" or (is_changed and (is_live or action is None)):
        return _with_new_preset(form, webhook, is_live)
    if action == "preview" and is_live:
        # It may arrive after the response to saving the form, and must not replace its cookie.
        session.modified = False
        return render_template("components/preview.html", preview=_preview(form, webhook))
    return _page(form, webhook) if action == "preview" else None


def _with_new_preset(form: WebhookForm, webhook: Webhook | None, is_live: bool) -> Page:
    """Return the whole form with the new preset's values; a script swaps it for the old one."""
    page = _page(_filled(_rebased_values(form)), webhook, is_live=is_live)
    response = make_response(page)
    if is_live:
        response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#webhook-page"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _rebased_values(form: WebhookForm) -> Values:
    """Return the submitted values, with the old preset's defaults replaced by the new one's."""
    values = {name: request.form.getlist(name) for name in request.form}
    selected = _preset(form.preset.data)
    defaults = preset_values(_preset(form.previous_preset.data).name)
    values |= {
        name: new_default
        for name, new_default in preset_values(selected.name).items()
        if request.form.getlist(name) == defaults.get(name)
    }
    return values | {"preset": [selected.name], "previous_preset": [selected.name]}


def _preset(name: str | None) -> Preset:
    return PRESETS.get(name or "", PRESETS[DEFAULT_PRESET])


def _filled(values: Values) -> WebhookForm:
    return WebhookForm(MultiDict(values))


def _preview(form: WebhookForm, webhook: Webhook | None) -> Preview:
    secrets: Secrets | None = None
    if webhook is not None:
        secrets = webhook_service.secrets_of(auth.organization_id(), webhook.id)
    return preview(auth.organization_id(), document(form, webhook), form.sample.data, secrets)


def _page(form: WebhookForm, webhook: Webhook | None = None, *, is_live: bool = False) -> str:
    """is_live: a script swaps the form into a page that a person is using."""
    preset = _preset(form.preset.data)
    names = [*preset.event_types, *event_type_queries.names(auth.organization_id())]
    offered = dict.fromkeys([*names, *(form.event_types.data or [])])
    form.event_types.choices = choices({name: name for name in offered})
    if not offered:
        form.event_types_more.label.text = "Event types"
    submitted_preset = request.form.get("previous_preset")
    context: dict[str, Any] = {
        "form": form,
        "webhook": webhook,
        "preset": preset,
        "sections": [(s, rows(s.settings, is_new=webhook is None)) for s in SECTIONS],
        "hint": hint,
        "policy_parameters": PARAMETERS,
        "authentication_parts": PARTS,
        "samples": SAMPLES,
        "callback_fields": required_fields("form_callback", None),
        "preview": _preview(form, webhook),
        "is_live": is_live,
        "has_new_preset": request.method == "POST"
        and form.previous_preset.data != submitted_preset,
    }
    return render_template("webhooks/form.html", **context)
