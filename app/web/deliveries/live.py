"""Update a shown list of deliveries: its changed rows, and the number of new deliveries."""

from flask import render_template, request

from app.domain.common.ids import canonical_id
from app.domain.deliveries.states import STATES
from app.queries.deliveries import listing as delivery_queries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.state_counts import by_state
from app.queries.deliveries.walks import ids_above
from app.web.common import filters
from app.web.common.access import auth
from app.web.deliveries import columns
from app.web.deliveries.listing import blueprint, link_of
from app.web.deliveries.live_rows import Live

# New deliveries are counted up to this number.
MAX_NEW = 99


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
    rows = delivery_queries.get_many(organization_id, [id_ for id_, _ in before.rows])
    changed = before.changed(rows)
    new_count, newest = _count_new(organization_id, filter_, newest)
    after = before.now(changed, newest, new_count)
    if after == before:
        return "", 204
    return render_template(
        "deliveries/_live_update.html",
        live=after,
        changed=changed,
        form=form,
        list_params=filters.list_params(form),
        link=link_of(form),
        table=columns.read(),
        states=STATES,
        counts=by_state(organization_id, filter_),
    )


def _count_new(
    organization_id: str, filter_: DeliveryFilter, newest: str | None
) -> tuple[int, str | None]:
    """(number of new deliveries, or MAX_NEW + 1 for more; the id to start from next time). Rows
    that were examined without a match are not examined again."""
    if newest is None:
        return 0, None
    stretch = ids_above(organization_id, filter_, newest, MAX_NEW)
    if not stretch.rows:
        return 0, stretch.edge or newest
    return len(stretch.rows) + (stretch.edge is not None), newest
