"""An event to search for by the ID of its asset."""

from sqlalchemy import select

from app.domain.events.search_values import hashes
from app.models import Delivery
from app.models.common.base import db
from app.store import bulk, event_values
from app.store.transaction import write_transaction
from tests.browser.support.site import Site
from tests.web.records import delivery

ASSET = "asset-51b7"


def failed_delivery(site: Site) -> str:
    """Of an event about ASSET, to the failing webhook."""
    with site.app.app_context():
        id_ = delivery(
            site.organization_id, site.hooks["failing"], payload=b'{"asset_id":"asset-51b7"}'
        )
        event_id = db.session.scalar(select(Delivery.event_id).where(Delivery.id == id_))
        assert event_id is not None
        rows = event_values.packed_rows(event_id, hashes(site.organization_id, [ASSET]))
        with write_transaction() as session:
            bulk.insert(session, (event_values.NEW, event_values.blocks(rows)))
    return id_
