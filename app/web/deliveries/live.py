"""What has changed on a list of deliveries since it was shown: its rows, and what is new."""

from flask import render_template, request

from app.domain.common.ids import canonical_id
from app.queries.deliveries import listing as deliveries
from app.queries.deliveries.filters import DeliveryFilter
from app.queries.deliveries.walks import ids_above
from app.web.common import auth, filters
from app.web.deliveries.listing import blueprint
from app.web.deliveries.live_rows import Live

# Counted no further.
NEWS = 99


@blueprint.get("/live")
@auth.permission_required("deliveries:read")
def live() -> str | tuple[str, int]:
    """Asked for every few seconds: nothing (204) unless something on the page has changed."""
    organization_id = auth.organization_id()
    form = filters.given(filters.DELIVERY_FIELDS)
    wanted = filters.delivery_filter(form)
    if form.problems:
        return "", 204
    args = request.args
    newest = canonical_id(args.get("newest"))
    before = Live.read(args.get("rows", ""), newest, args.get("news", ""))
    rows = deliveries.get_many(organization_id, [id_ for id_, _ in before.rows])
    changed = before.changed(rows)
    news, newest = _news(organization_id, wanted, newest)
    after = before.now(changed, newest, news)
    if after == before:
        return "", 204
    return render_template(
        "deliveries/_live.html",
        live=after,
        changed=changed,
        form=form,
        kept=filters.kept(form),
        link=lambda **changes: filters.url_with(form, "deliveries.index", changes),
    )


def _news(
    organization_id: str, wanted: DeliveryFilter, newest: str | None
) -> tuple[int, str | None]:
    """How many are new, NEWS + 1 for more than NEWS, and from where to look the next time: what was
    looked at in vain is not looked at again."""
    if newest is None:
        return 0, None
    found = ids_above(organization_id, wanted, newest, NEWS)
    if not found.rows:
        return 0, found.edge or newest
    return len(found.rows) + (found.edge is not None), newest
