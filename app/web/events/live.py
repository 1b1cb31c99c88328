"""Update a shown list of events: its changed rows, and the number of new events."""

from flask import render_template, request

from app.domain.common.ids import canonical_id
from app.queries.events import listing as event_queries
from app.queries.events.turns import of_ids
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.live_rows import Live, count_new
from app.web.events.pages import blueprint, digests_of, link_of


@blueprint.get("/live")
@auth.permission_required("deliveries:read")
def live() -> str | tuple[str, int]:
    """Polled every few seconds: 204 unless something on the page has changed."""
    organization_id = auth.organization_id()
    form = filters.read(filters.EVENT_FIELDS)
    filter_ = filters.event_filter(form)
    if form.problems:
        return "", 204
    args = request.args
    newest = canonical_id(args.get("newest"))
    before = Live.read(args.get("rows", ""), newest, args.get("new", ""))
    states = event_queries.states_of(organization_id, before.ids)
    digests = digests_of(before.ids, states)
    new_count, newest = count_new(
        newest, lambda after, limit: event_queries.ids_above(organization_id, filter_, after, limit)
    )
    after = before.now(digests, newest, new_count)
    if after == before:
        return "", 204
    changed = of_ids(organization_id, before.changed(digests), with_payloads=False)
    return render_template(
        "events/_live_update.html",
        live=after,
        changed=list(changed.values()),
        states=states,
        form=form,
        link=link_of(form),
    )
