"""Send a test: at once with the usual sample, or with a chosen type, payload and receivers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from flask import flash, render_template, request
from wtforms import RadioField, StringField, TextAreaField

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, Malformed, Unavailable
from app.domain.common.ids import new_id
from app.domain.common.strict_json import check_payload
from app.domain.deliveries import causes
from app.domain.event_types.names import SAMPLES, check_name, is_name
from app.domain.events.event import EventFacts
from app.models import Webhook
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue as event_type_queries
from app.runtime.context import runtime
from app.services.webhooks import test_sends, test_targets
from app.services.webhooks.test_sends import MAX_AT_ONCE, CheckResult, facts_of, sample_event
from app.web.common.access import auth
from app.web.common.forms import CallboardForm, choices, required
from app.web.common.problems import in_a_form
from app.web.deliveries import attempts, exchange
from app.web.event_types.sample_groups import sample_groups
from app.web.webhooks.names import titles_of
from app.web.webhooks.pages import blueprint, webhook_or_404, webhook_page

ONE, MATCHING = "one", "matching"
TO = {ONE: "This webhook", MATCHING: "All webhooks that match"}
# Event types that the field suggests.
SUGGESTED = 200


class TestForm(CallboardForm):
    subject = "Test send"
    type = StringField("Event type", [required("Enter an event type.")])
    source = StringField("Source")
    payload = TextAreaField("Payload", [required("Enter a JSON object, such as {}.")])
    to = RadioField("Send to", choices=choices(TO), default=ONE)


@dataclass(frozen=True, slots=True)
class TestSend:
    """A test send as its page shows it. name: of the webhook. request, response: None if nothing
    was sent or received."""

    name: str
    delivery_id: str
    succeeded: bool
    event_type: str
    total_us: int
    title: str
    sentence: str
    what_to_do: str
    request: exchange.Message | None
    response: exchange.Message | None


@blueprint.get("/<uuid:webhook_id>/test")
@auth.permission_required("webhooks:manage")
def test(webhook_id: UUID) -> str:
    """`type`: the event type whose sample to start from."""
    webhook = webhook_or_404(webhook_id)
    typed = request.args.get("type", "").strip()
    event = sample_event(
        facts_of(webhook, now_ms()), now_ms(), typed if typed and is_name(typed) else None
    )
    form = TestForm(None)
    form.type.data, form.source.data = typed or event.type, event.source
    form.payload.data = msgspec.json.format(event.payload, indent=2).decode()
    to = request.args.get("to", "")
    form.to.data = to if to in TO else ONE
    return _page(webhook, form)


@blueprint.post("/<uuid:webhook_id>/test")
@auth.permission_required("webhooks:manage")
def send_test(webhook_id: UUID) -> str | tuple[str, int]:
    """Without a payload: the usual sample, with the result on the webhook's page."""
    webhook = webhook_or_404(webhook_id)
    if "payload" not in request.form:
        try:
            result = test_sends.check(auth.organization_id(), webhook.id, auth.actor())
        except Unavailable as error:
            flash(error.detail, "error")
            return webhook_page(webhook), error.status
        return webhook_page(webhook, test_send=_presented(result))
    form = TestForm()
    event = _event(form) if form.validate_on_submit() else None
    if event is None:
        return _page(webhook, form), 422
    try:
        results = _send(webhook, form, event)
    except Unavailable as error:
        form.form_errors.append(error.detail)
        return _page(webhook, form), error.status
    return _page(webhook, form, results)


def _send(webhook: Webhook, form: TestForm, event: EventFacts) -> list[CheckResult]:
    organization_id = auth.organization_id()
    targets = [facts_of(webhook, event.occurred_at)]
    if form.to.data == MATCHING:
        targets = test_targets.matching(organization_id, event, MAX_AT_ONCE)
    return test_sends.check_all(targets, event, auth.actor())


def _event(form: TestForm) -> EventFacts | None:
    """The event with its payload exactly as typed; None if invalid, with errors at the fields."""
    type_, source = (form.type.data or "").strip(), (form.source.data or "").strip()
    payload = (form.payload.data or "").strip().encode("utf-8", "surrogatepass")
    largest = runtime().settings.max_event_bytes
    try:
        check_name(type_)
        check_payload(payload)
    except Invalid as error:
        form.take_errors(error.errors)
    except Malformed as error:
        form.payload.errors = [in_a_form(error.detail)]
    if len(payload) > largest:
        form.payload.errors = [f"The payload has {len(payload)} bytes; {largest} are allowed."]
    if len(source) > 512:
        form.source.errors = ["Use at most 512 characters."]
    event = EventFacts(new_id(), type_, source or None, now_ms(), payload)
    return None if form.errors else event


def _page(webhook: Webhook, form: TestForm, results: Sequence[CheckResult] | None = None) -> str:
    organization_id = auth.organization_id()
    ids = [result.webhook_id for result in results or ()]
    rows = [webhook_queries.get(organization_id, id_) for id_ in ids]
    titles = titles_of([row for row in rows if row is not None])
    own = event_type_queries.names(organization_id)[:SUGGESTED]
    return render_template(
        "webhooks/test.html",
        webhook=webhook,
        form=form,
        types=sorted({*own, *SAMPLES}),
        groups=sample_groups(organization_id),
        results=None
        if results is None
        else [_presented(row, titles.get(row.webhook_id, "")) for row in results],
        at_most=MAX_AT_ONCE,
    )


def _presented(result: CheckResult, name: str = "") -> TestSend:
    outcome, composed = result.outcome, result.composed
    cause = outcome.cause
    if cause == causes.OK and outcome.status is not None:
        cause = causes.cause_of_response(outcome.status, accepted=result.succeeded)
    request_ = response = None
    if composed:
        request_ = exchange.message(outcome.request_head, composed.body)
    if outcome.response_head:
        response = exchange.message(
            outcome.response_head, outcome.response_body, outcome.response_truncated
        )
    return TestSend(
        name=name,
        delivery_id=result.delivery_id,
        succeeded=result.succeeded,
        event_type=result.event_type,
        total_us=outcome.total_us,
        title=attempts.title(outcome.status, cause),
        sentence=causes.explain(cause, outcome.status, outcome.detail),
        what_to_do=causes.what_to_do(cause),
        request=request_,
        response=response,
    )
