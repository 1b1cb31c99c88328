"""Making and changing a webhook: a preset fills the form, a picture of the request follows it."""

import json
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.common.errors import Invalid
from app.domain.event_types.names import SAMPLES
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.models import Webhook
from app.queries import event_types
from app.services.webhooks import service as verbs
from app.services.webhooks.service import Secrets
from app.web.common import auth
from app.web.common.forms import choices
from app.web.webhooks.form import WebhookForm, defaults, given, policy_values
from app.web.webhooks.pages import blueprint, found
from app.web.webhooks.preview import preview

Page = str | tuple[str, int] | Response


@blueprint.get("/new")
@auth.permission_required("webhooks:manage")
def new() -> str:
    """Without `?preset=`, the choice of one."""
    preset = PRESETS.get(request.args.get("preset", ""))
    if preset is None:
        return render_template("webhooks/presets.html", presets=PRESETS.values(), samples=SAMPLES)
    values = {
        **defaults(preset),
        "preset": preset.name,
        "before": preset.name,
        "takes": "all",
        "max_in_flight": "32",
        "signing": "v1",
        "is_active": "y",
        "url": request.args.get("url", ""),
    }
    return _page(_filled(values))


@blueprint.post("/new")
@auth.permission_required("webhooks:manage")
def create() -> Page:
    form = WebhookForm()
    if (answer := _helped(form)) is not None:
        return answer
    try:
        if not form.validate():
            return _page(form), 422
        webhook = verbs.create(auth.organization_id(), given(form), auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _page(form), 422
    flash("The webhook stands. Check it now, to see what its receiver answers.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


@blueprint.get("/<uuid:webhook_id>/edit")
@auth.permission_required("webhooks:manage")
def edit(webhook_id: object) -> str:
    webhook = found(webhook_id)
    return _page(_filled(_values(webhook)), webhook)


@blueprint.post("/<uuid:webhook_id>/edit")
@auth.permission_required("webhooks:manage")
def update(webhook_id: object) -> Page:
    webhook, form = found(webhook_id), WebhookForm()
    if (answer := _helped(form, webhook)) is not None:
        return answer
    try:
        if not form.validate():
            return _page(form, webhook), 422
        document = given(form, webhook)
        verbs.update(auth.organization_id(), webhook.id, document, auth.actor())
    except Invalid as error:
        form.take_errors(error.errors)
        return _page(form, webhook), 422
    flash("Saved. Deliveries from now on go out this way.", "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook.id), 303)


def _helped(form: WebhookForm, webhook: Webhook | None = None) -> Page | None:
    """What saves nothing: another preset, and the picture of the request."""
    action, is_live = request.form.get("action"), "HX-Request" in request.headers
    is_other = form.before.data in PRESETS and form.preset.data != form.before.data
    if action == "preset" or (is_other and (is_live or action is None)):
        return _with_other_preset(form, webhook, is_live)
    if action == "preview" and is_live:
        return render_template("components/preview.html", preview=_preview(form, webhook))
    return _page(form, webhook) if action == "preview" else None


def _with_other_preset(form: WebhookForm, webhook: Webhook | None, is_live: bool) -> Page:
    """The page with the other preset's values; it takes the place of the form that asked."""
    response = make_response(_page(_filled(_rebased(form)), webhook, is_live=is_live))
    if is_live:
        response.headers["HX-Retarget"] = response.headers["HX-Reselect"] = "#webhook-page"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _rebased(form: WebhookForm) -> dict[str, Any]:
    """What was typed, but for the values that were the former preset's own: those become the new
    one's."""
    values = {name: request.form.getlist(name) for name in request.form}
    chosen = PRESETS.get(form.preset.data or "", PRESETS[DEFAULT_PRESET])
    before = defaults(PRESETS.get(form.before.data or "", PRESETS[DEFAULT_PRESET]))
    for name, value in defaults(chosen).items():
        if request.form.get(name, "") == before.get(name):
            values[name] = [value]
    return values | {"preset": [chosen.name], "before": [chosen.name]}


def _filled(values: dict[str, Any]) -> WebhookForm:
    return WebhookForm(MultiDict(values))


def _values(webhook: Webhook) -> dict[str, Any]:
    """The form's fields as the webhook has them; its secrets stay where they are."""
    return {
        name: getattr(webhook, name) or ""
        for name in (
            "name", "url", "description", "preset", "method", "body_format", "body_encoding",
            "body_expression", "filter", "secret_header", "signing",
        )
    } | {
        "before": webhook.preset,
        "takes": "all" if webhook.event_types is None else "some",
        "event_types": webhook.event_types or [],
        "sources": "\n".join(webhook.sources or []),
        "headers": "\n".join(f"{name}: {value}" for name, value in webhook.headers),
        "success_statuses": ", ".join(webhook.success_statuses),
        "timeout_seconds": f"{webhook.timeout_seconds:g}",
        "rate_limit_per_second": _number(webhook.rate_limit_per_second),
        "max_in_flight": str(webhook.max_in_flight),
        "metadata_json": json.dumps(webhook.meta, indent=2) if webhook.meta else "",
        **{name: "y" for name in ("ordered", "once", "is_active") if getattr(webhook, name)},
        **policy_values(webhook.retry_policy),
    }  # fmt: skip


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _preview(form: WebhookForm, webhook: Webhook | None) -> Any:
    kept: Secrets | None = None
    if webhook is not None:
        kept = verbs.secrets_of(auth.organization_id(), webhook.id)
    return preview(auth.organization_id(), given(form, webhook), form.sample.data, kept)


def _page(form: WebhookForm, webhook: Webhook | None = None, *, is_live: bool = False) -> str:
    """is_live: it takes the place of a page that a person is at."""
    preset = PRESETS.get(form.preset.data or "", PRESETS[DEFAULT_PRESET])
    names = [*preset.event_types, *event_types.names(auth.organization_id())]
    listed = list(dict.fromkeys([*names, *(form.event_types.data or [])]))
    form.event_types.choices = choices({name: name for name in listed})
    return render_template(
        "webhooks/form.html",
        form=form,
        webhook=webhook,
        preset=preset,
        samples=SAMPLES,
        preview=_preview(form, webhook),
        is_live=is_live,
        is_filled_anew=request.method == "POST" and form.before.data != request.form.get("before"),
    )
