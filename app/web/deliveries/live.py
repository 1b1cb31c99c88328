"""Update a shown list of deliveries: its changed rows, and the number of new deliveries."""

from flask import render_template, request

from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import STATES
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.state_counts import by_state
from app.queries.deliveries.walks import ids_above
from app.web.common import filters
from app.web.common.access import auth
from app.web.common.live_rows import Live, count_new
from app.web.deliveries import columns
from app.web.deliveries.listing import blueprint, digests_of, link_of


@blueprint.get("/live")
@auth.permission_required("deliveries:read")
def live() -> str | tuple[str, int]:
    """Polled every few seconds: 204 unless something on the page has changed."""
    organization_id = auth.organization_id()
    form = filters.read(filters.DELIVERY_FIELDS)
    filter_ = filters.delivery_filter(form)
    if form.problems:
        return "", 204
    args = request.args
    newest = canonical_id(args.get("newest"))
    before = Live.read(args.get("rows", ""), newest, args.get("new", ""))
    rows = delivery_queries.get_many(organization_id, before.ids)
    digests = digests_of(rows)
    changed_ids = set(before.changed(digests))
    new_count, newest = count_new(
        newest, lambda after, limit: ids_above(organization_id, filter_, after, limit)
    )
    after = before.now(digests, newest, new_count)
    if after == before:
        return "", 204
    return render_template(
        "deliveries/_live_update.html",
        live=after,
        changed=[row for row in rows if row.id in changed_ids],
        form=form,
        list_params=filters.list_params(form),
        link=link_of(form),
        table=columns.read(),
        states=STATES,
        counts=by_state(organization_id, filter_),
    )
