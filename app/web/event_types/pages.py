"""The catalogue of event types: the list, one of them, describing it, importing many."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from app.domain.common.errors import Invalid, invalid
from app.domain.common.json_text import compact_json
from app.domain.event_types.fields import MAX_DESCRIPTION, check_fields
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES, sample_for
from app.domain.webhooks.presets import DEFAULT_PRESET
from app.models import EventType
from app.queries import event_types
from app.services.event_types import service as verbs
from app.web.accounts.forms import refused
from app.web.common import auth
from app.web.common.forms import CallboardForm, required
from app.web.deliveries import exchange

blueprint = Blueprint("event_types", __name__)

PAGE = 100
READ, WRITE = "deliveries:read", "webhooks:manage"
ONE = "/event-types/<name>"


class EventTypeForm(CallboardForm):
    name = StringField("Name", [required("Give the type a name.")])
    description = TextAreaField("Description", render_kw={"maxlength": str(MAX_DESCRIPTION)})
    sample = TextAreaField("Sample payload")
    # Not `schema`, which the domain calls it: a form has something else of that name.
    json_schema = TextAreaField("JSON Schema")
    renamed: ClassVar[Mapping[str, str]] = {"schema": "json_schema"}


@blueprint.get("/event-types")
@auth.permission_required(READ)
def index() -> str:
    organization_id = auth.organization_id()
    q, cursor = request.args.get("q", "").strip()[:200], request.args.get("cursor")
    page = event_types.page(organization_id, PAGE, cursor, q=q.replace("\0", "") or None)
    return render_template(
        "event_types/index.html",
        page=page,
        q=q,
        cursor=cursor,
        takers=event_types.webhook_counts(organization_id),
        descriptions={name: sample.description for name, sample in SAMPLES.items()},
        own=sorted(PRODUCT_TYPES) if not cursor and not q else (),
        is_product=PRODUCT_TYPES.__contains__,
    )


@blueprint.get(ONE)
@auth.permission_required(READ)
def show(name: str) -> str:
    row, organization_id = _row(name), auth.organization_id()
    if row is None and name not in SAMPLES:
        abort(404)
    own = row.sample if row is not None else None
    sample = bytes(own) if own is not None else _preset_sample(name)
    schema = None if row is None or row.schema is None else compact_json(row.schema)
    return render_template(
        "event_types/show.html",
        name=name,
        row=row,
        description=_description(name, row),
        sample=sample and exchange.body_view(sample, "application/json"),
        is_own_sample=own is not None,
        schema=schema and exchange.body_view(schema, "application/json"),
        takers=event_types.webhooks_for(organization_id, name),
        is_product=name in PRODUCT_TYPES,
    )


@blueprint.route("/event-type-new", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def new() -> Response | str | tuple[str, int]:
    return _form_page(EventTypeForm(), None)


@blueprint.route(f"{ONE}/edit", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def edit(name: str) -> Response | str | tuple[str, int]:
    row = _row(name)
    if row is None and name not in SAMPLES:
        abort(404)
    form = EventTypeForm()
    # It is in the address, and does not change.
    del form.name
    if request.method != "POST":
        form.description.data = _description(name, row)
        form.sample.data = bytes(row.sample).decode() if row and row.sample else ""
        form.json_schema.data = _pretty(row.schema) if row and row.schema is not None else ""
    return _form_page(form, name)


@blueprint.route(f"{ONE}/delete", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def delete(name: str) -> Response | str:
    row, organization_id = _row(name), auth.organization_id()
    if row is None:
        abort(404)
    if request.method == "POST":
        verbs.delete(organization_id, name, auth.actor())
        flash(f"{name} is out of the catalogue.", "success")
        return redirect(url_for("event_types.index"), 303)
    takers = event_types.webhooks_for(organization_id, name)
    return render_template(
        "event_types/delete.html",
        row=row,
        naming=[webhook for webhook in takers if webhook.event_types is not None],
    )


def _form_page(form: EventTypeForm, name: str | None) -> Response | str | tuple[str, int]:
    """name: None for a new one."""
    if request.method == "POST" and form.validate():
        try:
            fields = check_fields(
                form.description.data or "", form.sample.data or "", form.json_schema.data or ""
            )
            wanted = (form.name.data or "").strip() if name is None else name
            _refuse_known(wanted if name is None else None)
            row, _ = verbs.put(auth.organization_id(), wanted, fields, auth.actor())
        except Invalid as error:
            refused(form, error)
        else:
            flash(f"{row.name} is described.", "success")
            return redirect(url_for("event_types.show", name=row.name), 303)
    page = render_template("event_types/edit.html", form=form, name=name)
    return (page, 422) if request.method == "POST" else page


def _refuse_known(name: str | None) -> None:
    if name and _row(name) is not None:
        remedy = "Open it in the catalogue to change it."
        raise invalid("name", "taken", f"{name} is in the catalogue.", remedy)


def _row(name: str) -> EventType | None:
    return event_types.get(auth.organization_id(), name) if len(name) <= 128 else None


def _description(name: str, row: EventType | None) -> str:
    known = SAMPLES.get(name)
    return (row.description if row else "") or (known.description if known else "")


def _preset_sample(name: str) -> bytes | None:
    return sample_for(name, DEFAULT_PRESET) if name in SAMPLES else None


def _pretty(schema: object) -> str:
    return msgspec.json.format(compact_json(schema), indent=2).decode()
