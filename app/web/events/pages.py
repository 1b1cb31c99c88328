"""Events: the list, what became of one, and sending one from the page."""

import msgspec
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField, TextAreaField

from app.domain.common import ids
from app.domain.common.errors import Invalid, Malformed, TooLarge
from app.domain.common.json_text import quoted
from app.domain.common.strict_json import check_payload
from app.domain.deliveries.states import OPEN
from app.domain.event_types.names import SAMPLES, TEST_TYPE, description_of, sample_for
from app.domain.events.event import EventDraft
from app.domain.events.input import parse_event
from app.domain.webhooks.presets import DEFAULT_PRESET, PRESETS
from app.models import Event
from app.queries import event_types
from app.queries.events import listing as events
from app.runtime.context import runtime
from app.services.event_types import service as catalogue
from app.services.events import publishing as verbs
from app.web.common import auth, filters
from app.web.common.forms import CallboardForm, required
from app.web.deliveries import exchange

blueprint = Blueprint("events", __name__, url_prefix="/events")

PAGE = 50
# Types of the catalogue that the form offers to start from.
OWN_SAMPLES = 30


class EventForm(CallboardForm):
    type = StringField("Event type", [required("Give the event a type.")])
    source = StringField("Source")
    ordering_key = StringField("Ordering key")
    payload = TextAreaField("Payload", [required("Give a JSON object; {} is the smallest.")])
    despite_schema = BooleanField("Send it although it does not match the type's schema")
    # Whether that is to be asked.
    mismatched = False


@blueprint.get("")
@auth.permission_required("deliveries:read")
def index() -> str:
    organization_id = auth.organization_id()
    form = filters.given(filters.EVENT_FIELDS)
    wanted = filters.event_filter(form)
    cursor = request.args.get("cursor")
    page = None if form.problems else events.page(organization_id, wanted, PAGE, cursor)
    found = [event.id for event in page.rows] if page else []
    return render_template(
        "events/index.html",
        page=page,
        form=form,
        cursor=cursor,
        states=events.states_of(organization_id, found) if found else {},
        link=lambda **changes: filters.url_with(form, "events.index", changes),
    )


@blueprint.get("/<uuid:event_id>")
@auth.permission_required("deliveries:read")
def show(event_id: object) -> str | tuple[str, int]:
    organization_id = auth.organization_id()
    event = events.get(organization_id, str(event_id)) or abort(404)
    made = events.deliveries_of(organization_id, event.id)
    version = ".".join(f"{row.state[:2]}{row.delivery.attempts}" for row in made)
    if request.headers.get("HX-Request") and request.args.get("seen") == version:
        return "", 204
    payload = event.payload
    return render_template(
        "events/show.html",
        event=event,
        payload=None if payload is None else exchange.body_view(payload, "application/json"),
        deliveries=made,
        version=version,
        is_open=any(row.state in OPEN for row in made),
        refusals=events.unmatched(organization_id, event),
    )


@blueprint.get("/new")
@auth.permission_required("events:write")
def new() -> str:
    form = EventForm()
    earlier = _earlier()
    if earlier is not None and earlier.payload is not None:
        form.type.data, form.source.data = earlier.type, earlier.source
        form.ordering_key.data = earlier.ordering_key
        form.payload.data = earlier.payload.decode(errors="replace")
    else:
        name = request.args.get("type") or TEST_TYPE
        form.type.data = name
        form.payload.data = _own_sample(name) or sample_text(name)
    return _form_page(form)


def sample_text(name: str) -> str:
    """A sample's payload, indented, to be changed by a person."""
    return msgspec.json.format(sample_for(name, DEFAULT_PRESET), indent=2).decode()


def _own_sample(name: str) -> str | None:
    """Of the organization's own catalogue, as it was given."""
    row = event_types.get(auth.organization_id(), name) if len(name) <= 128 else None
    return bytes(row.sample).decode() if row is not None and row.sample is not None else None


def _earlier() -> Event | None:
    """The event that a new one is to be made from."""
    event_id = ids.canonical_id(request.args.get("event", ""))
    return events.get(auth.organization_id(), event_id) if event_id else None


@blueprint.post("/new")
@auth.permission_required("events:write")
def create() -> Response | str | tuple[str, int]:
    form = EventForm()
    if not form.validate_on_submit():
        return _form_page(form), 422
    draft = _draft(form)
    if draft is None or not _fits_schema(form, draft):
        return _form_page(form), 422
    try:
        published = verbs.publish(auth.organization_id(), draft)
    except Invalid as error:
        form.take_errors(error.errors)
        return _form_page(form), 422
    count = len(published.deliveries)
    words = "No webhook wanted it; below is why." if not count else "Its deliveries are below."
    flash(f"The event is accepted. {words}", "success" if count else "warning")
    return redirect(url_for("events.show", event_id=published.id), 303)


def _fits_schema(form: EventForm, draft: EventDraft) -> bool:
    """Or a person has seen what does not, and sends it all the same."""
    if form.despite_schema.data:
        return True
    faults = catalogue.faults_of(auth.organization_id(), draft.type, draft.payload)
    if faults:
        form.mismatched = True
        form.payload.errors = [f"It does not match the type's schema. {fault}." for fault in faults]
    return not faults


def _draft(form: EventForm) -> EventDraft | None:
    """The event that the form describes, its payload's characters as they were typed; None when
    something is wrong, which then stands at the fields."""
    payload = (form.payload.data or "").strip().encode("utf-8", "surrogatepass")
    try:
        check_payload(payload)
    except Malformed as error:
        form.payload.errors = [error.detail]
        payload = b"{}"
    try:
        draft = parse_event(_document(form, payload), max_bytes=runtime().settings.max_event_bytes)
    except Invalid as error:
        form.take_errors(error.errors)
    except (Malformed, TooLarge) as error:
        form.payload.errors = [error.detail]
    return None if form.errors else draft


def _document(form: EventForm, payload: bytes) -> bytes:
    texts = {name: (form[name].data or "").strip() for name in ("type", "source", "ordering_key")}
    parts = [quoted(name) + b":" + quoted(text) for name, text in texts.items() if text]
    return b"{" + b",".join([*parts, b'"payload":' + payload]) + b"}"


def _form_page(form: EventForm) -> str:
    own = [
        (row.name, row.description or description_of(row.name))
        for row in event_types.page(auth.organization_id(), OWN_SAMPLES).rows
    ]
    groups = [("Your event types", own)] if own else []
    groups += [
        (preset.title, [(name, SAMPLES[name].description) for name in preset.event_types])
        for preset in PRESETS.values()
        if preset.event_types
    ]
    return render_template("events/new.html", form=form, groups=groups)
