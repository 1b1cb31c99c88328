"""The list of events, the page of one with its deliveries, and sending one by hand."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField, TextAreaField

from app.domain.common import ids
from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, Malformed, QuotaExceeded, TooLarge, Unavailable
from app.domain.common.ids import first_id_of
from app.domain.common.json_text import quoted
from app.domain.common.strict_json import check_payload
from app.domain.deliveries.states import OPEN
from app.domain.event_types.fields import REJECT
from app.domain.event_types.names import TEST_TYPE, sample_for
from app.domain.events.event import EventDraft
from app.domain.events.input import parse_event
from app.domain.webhooks.presets import DEFAULT_PRESET
from app.models import Event
from app.queries.event_types import catalogue as event_type_queries
from app.queries.events import listing as event_queries
from app.queries.events.unmatched import unmatched
from app.runtime.context import runtime
from app.services.event_types import service as event_type_service
from app.services.events import publishing
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.filters import FilterValues
from app.web.common.forms import CallboardForm, required
from app.web.common.live_rows import Live, digest_of
from app.web.common.problems import in_a_form
from app.web.common.rendering.localized import plural
from app.web.deliveries import exchange
from app.web.event_types.sample_groups import sample_groups

blueprint = Blueprint("events", __name__, url_prefix="/events")

PAGE = 50


class EventForm(CallboardForm):
    subject = "Event"
    type = StringField("Event type", [required("Enter an event type.")])
    source = StringField("Source")
    ordering_key = StringField("Ordering key")
    payload = TextAreaField("Payload", [required("Enter a JSON object, such as {}.")])
    despite_schema = BooleanField("Send although the payload does not match the schema")
    # Whether to offer `despite_schema`.
    mismatched = False


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = filters.read(filters.EVENT_FIELDS)
    filter_ = filters.event_filter(form)
    cursor = request.args.get("cursor")
    page = None if form.problems else event_queries.page(organization_id, filter_, PAGE, cursor)
    ids = [event.id for event in page.rows] if page else []
    states = event_queries.states_of(organization_id, ids)
    newest = ids[0] if ids else first_id_of(now_ms())
    return render_template(
        "events/index.html",
        page=page,
        form=form,
        cursor=cursor,
        states=states,
        searched_since=filters.edge_time(page.next_cursor if page else None),
        live=Live.of(digests_of(ids, states), None if cursor else newest),
        link=link_of(form),
    )


def link_of(form: FilterValues) -> Callable[..., str]:
    """A function that returns the URL of the list with some filters changed."""
    return lambda **changes: filters.url_with(form, "events.index", changes)


def digests_of(ids: Iterable[str], states: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """{event id: digest of what changes in its row}. states: as `event_queries.states_of`."""
    return {id_: digest_of(sorted(states.get(id_, {}).items())) for id_ in ids}


@blueprint.get("/<uuid:event_id>")
@auth.permission_required("deliveries:read")
def show(event_id: UUID) -> str | tuple[str, int]:
    organization_id = auth.organization_id()
    event = event_queries.get(organization_id, str(event_id)) or abort(404)
    deliveries = event_queries.deliveries_of(organization_id, event.id)
    version = ".".join(f"{row.state[:2]}{row.delivery.attempts}" for row in deliveries)
    if request.headers.get("HX-Request") and request.args.get("seen") == version:
        return "", 204
    payload = event.payload
    return render_template(
        "events/show.html",
        event=event,
        payload=None if payload is None else exchange.body_view(payload, "application/json"),
        deliveries=deliveries,
        version=version,
        is_open=any(row.state in OPEN for row in deliveries),
        mismatches=unmatched(organization_id, event),
    )


@blueprint.get("/new")
@auth.permission_required("events:write")
def new() -> str:
    form = EventForm()
    original = _original()
    if original is not None and original.payload is not None:
        form.type.data, form.source.data = original.type, original.source
        form.ordering_key.data = original.ordering_key
        form.payload.data = original.payload.decode(errors="replace")
    else:
        name = request.args.get("type") or TEST_TYPE
        form.type.data = name
        form.payload.data = _own_sample(name) or sample_text(name)
    return _form_page(form)


def sample_text(name: str) -> str:
    """The preset's sample payload, indented for editing."""
    return msgspec.json.format(sample_for(name, DEFAULT_PRESET), indent=2).decode()


def _own_sample(name: str) -> str | None:
    """The organization's own sample payload, unchanged."""
    row = event_type_queries.get(auth.organization_id(), name) if len(name) <= 128 else None
    return bytes(row.sample).decode() if row is not None and row.sample is not None else None


def _original() -> Event | None:
    """The event to duplicate."""
    event_id = ids.canonical_id(request.args.get("event", ""))
    return event_queries.get(auth.organization_id(), event_id) if event_id else None


@blueprint.post("/new")
@auth.permission_required("events:write")
def create() -> Response | str | tuple[str, int]:
    form = EventForm()
    if not form.validate_on_submit():
        return _form_page(form), 422
    draft = _draft(form)
    if draft is None:
        return _form_page(form), 422
    try:
        if not _fits_schema(form, draft):
            return _form_page(form), 422
        published = publishing.publish(auth.organization_id(), draft)
    except Invalid as error:
        form.take_errors(error.errors)
        return _form_page(form), 422
    except (QuotaExceeded, Unavailable) as error:
        form.form_errors.append(error.detail)
        return _form_page(form), error.status
    count = len(published.deliveries)
    if count:
        flash(f"Event sent to {plural(count, 'webhook')}.", "success")
    else:
        flash("Event created. No matching webhook.", "warning")
    return redirect(url_for("events.show", event_id=published.id), 303)


def _fits_schema(form: EventForm, draft: EventDraft) -> bool:
    """Whether the payload matches the schema, or the user sends it anyway, unless its type rejects
    such events."""
    row = event_type_queries.get(auth.organization_id(), draft.type)
    rejects = row is not None and row.schema_check == REJECT
    if form.despite_schema.data and not rejects:
        return True
    mismatches = event_type_service.faults_of(auth.organization_id(), draft.type, draft.payload)
    if mismatches:
        form.mismatched = not rejects
        form.payload.errors = [f"Does not match the schema: {text}." for text in mismatches]
    return not mismatches


def _draft(form: EventForm) -> EventDraft | None:
    """The event with its payload exactly as typed; None if invalid, with errors at the fields."""
    payload = (form.payload.data or "").strip().encode("utf-8", "surrogatepass")
    try:
        check_payload(payload)
    except Malformed as error:
        form.payload.errors = [in_a_form(error.detail)]
        payload = b"{}"
    try:
        draft = parse_event(_document(form, payload), max_bytes=runtime().settings.max_event_bytes)
    except Invalid as error:
        form.take_errors(error.errors)
    except (Malformed, TooLarge) as error:
        form.payload.errors = [in_a_form(error.detail)]
    return None if form.errors else draft


def _document(form: EventForm, payload: bytes) -> bytes:
    texts = {name: (form[name].data or "").strip() for name in ("type", "source", "ordering_key")}
    parts = [quoted(name) + b":" + quoted(text) for name, text in texts.items() if text]
    return b"{" + b",".join([*parts, b'"payload":' + payload]) + b"}"


def _form_page(form: EventForm) -> str:
    groups = sample_groups(auth.organization_id())
    return render_template("events/new.html", form=form, groups=groups)
