"""The list of event types, the page of one, and creating, editing and deleting."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField

from app.domain.common.errors import Conflict, Invalid, Unavailable, invalid
from app.domain.common.json_text import compact_json
from app.domain.common.strict_json import read
from app.domain.event_types.fields import MAX_DESCRIPTION, OFF, REJECT, WARN, check_fields
from app.domain.event_types.names import PRODUCT_TYPES, SAMPLES, sample_for
from app.domain.event_types.schema_fields import SchemaFields, fields_of
from app.domain.webhooks.presets import DEFAULT_PRESET
from app.models import EventType
from app.queries.event_types import catalogue as event_type_queries
from app.services.event_types import service as event_type_service
from app.web.accounts.forms import refused
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, choices, required
from app.web.deliveries import exchange
from app.web.event_types.seen import seen_of, volumes

blueprint = Blueprint("event_types", __name__)

PAGE = 100
READ, WRITE = "deliveries:read", "webhooks:manage"
TYPE_PATH = "/event-types/<name>"


class EventTypeForm(CallboardForm):
    subject = "Event type"
    name = StringField("Name", [required("Enter a name.")])
    description = TextAreaField("Description", render_kw={"maxlength": str(MAX_DESCRIPTION)})
    sample = TextAreaField("Sample payload")
    # The domain calls it `schema`; a form has another attribute of that name.
    json_schema = TextAreaField("JSON Schema")
    schema_check = SelectField(
        "Check posted events",
        choices=choices(
            {
                OFF: "Off: accept all events",
                WARN: "Warn: accept and mark events that do not match",
                REJECT: "Reject events that do not match",
            }
        ),
        default=OFF,
    )
    renamed: ClassVar[Mapping[str, str]] = {"schema": "json_schema", "type": "name"}
    guides: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("json_schema", "schema_check"), "event-types#what-a-schema-is-used-for"
    )


@blueprint.get("/event-types")
@auth.permission_required(READ)
def index() -> str:
    organization_id = auth.organization_id()
    q, cursor = request.args.get("q", "").strip()[:200], request.args.get("cursor")
    # System events have a table of their own, also once one was published.
    page = event_type_queries.page(
        organization_id, PAGE, cursor, q=q.replace("\0", "") or None, without=PRODUCT_TYPES
    )
    return render_template(
        "event_types/index.html",
        page=page,
        q=q,
        cursor=cursor,
        webhook_counts=event_type_queries.webhook_counts(organization_id),
        volumes=volumes(organization_id),
        descriptions={name: sample.description for name, sample in SAMPLES.items()},
        system_types=[] if cursor else sorted(name for name in PRODUCT_TYPES if q in name),
    )


@blueprint.get(TYPE_PATH)
@auth.permission_required(READ)
def show(name: str) -> str:
    row, organization_id = _row(name), auth.organization_id()
    if row is None and name not in SAMPLES:
        abort(404)
    own_sample = row.sample if row is not None else None
    sample = bytes(own_sample) if own_sample is not None else _preset_sample(name)
    schema = None if row is None or row.schema is None else compact_json(row.schema)
    return render_template(
        "event_types/show.html",
        name=name,
        row=row,
        description=_description(name, row),
        sample=sample and exchange.body_view(sample, "application/json"),
        is_own_sample=own_sample is not None,
        schema=schema and exchange.body_view(schema, "application/json"),
        fields=_fields(row, sample),
        seen=seen_of(organization_id, name),
        webhooks=event_type_queries.webhooks_for(organization_id, name),
        is_system_type=name in PRODUCT_TYPES,
    )


@blueprint.route("/event-type-new", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def new() -> Response | str | tuple[str, int]:
    return _form_page(EventTypeForm(), None)


@blueprint.route(f"{TYPE_PATH}/edit", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def edit(name: str) -> Response | str | tuple[str, int]:
    row = _row(name)
    if row is None and name not in SAMPLES:
        abort(404)
    form = EventTypeForm()
    # The name cannot change: it is part of the URL.
    del form.name
    if request.method != "POST":
        form.description.data = _description(name, row)
        form.sample.data = bytes(row.sample).decode() if row and row.sample else ""
        form.json_schema.data = _pretty(row.schema) if row and row.schema is not None else ""
        form.schema_check.data = (row.schema_check if row else None) or OFF
    return _form_page(form, name)


@blueprint.route(f"{TYPE_PATH}/delete", methods=["GET", "POST"])
@auth.permission_required(WRITE)
def delete(name: str) -> Response | str:
    row, organization_id = _row(name), auth.organization_id()
    if row is None:
        abort(404)
    if request.method == "POST":
        event_type_service.delete(organization_id, name, auth.actor())
        flash(f"Event type {name} deleted.", "success")
        return redirect(url_for("event_types.index"), 303)
    webhooks = event_type_queries.webhooks_for(organization_id, name)
    return render_template(
        "event_types/delete.html",
        row=row,
        selected_by=[webhook for webhook in webhooks if webhook.event_types is not None],
    )


def _form_page(form: EventTypeForm, name: str | None) -> Response | tuple[str, int]:
    """name: None for a new event type."""
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.validate():
        try:
            fields = check_fields(
                form.description.data or "",
                form.sample.data or "",
                form.json_schema.data or "",
                form.schema_check.data or OFF,
            )
            row, _ = event_type_service.put(
                auth.organization_id(), name or _new_name(form), fields, auth.actor()
            )
        except (Conflict, Invalid, Unavailable) as error:
            refused(form, error)
            status = 503 if isinstance(error, Unavailable) else status
        else:
            flash(f"Event type {row.name} saved.", "success")
            return redirect(url_for("event_types.show", name=row.name), 303)
    return render_template("event_types/form.html", form=form, name=name), status


def _new_name(form: EventTypeForm) -> str:
    """The name in the form. Invalid if the event type exists."""
    name = (form.name.data or "").strip()
    if name and _row(name) is not None:
        raise invalid("name", "taken", f"{name} already exists.", "Open it to edit it.")
    return name


def _row(name: str) -> EventType | None:
    return event_type_queries.get(auth.organization_id(), name) if len(name) <= 128 else None


def _fields(row: EventType | None, sample: bytes | None) -> SchemaFields | None:
    """Rows for the schema's table; None: there is nothing to show."""
    if row is None or not isinstance(row.schema, dict):
        return None
    fields = fields_of(row.schema, None if sample is None else read(sample))
    return fields if fields.rows else None


def _description(name: str, row: EventType | None) -> str:
    preset = SAMPLES.get(name)
    return (row.description if row else "") or (preset.description if preset else "")


def _preset_sample(name: str) -> bytes | None:
    return sample_for(name, DEFAULT_PRESET) if name in SAMPLES else None


def _pretty(schema: object) -> str:
    return msgspec.json.format(compact_json(schema), indent=2).decode()
