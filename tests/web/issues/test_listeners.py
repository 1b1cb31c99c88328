"""A listener has no page of its own: what it fails to deliver is shown without a link to one."""

from typing import Any

from app.services.accounts.actor import SYSTEM
from app.services.listeners import service as listener_service
from tests.web import records
from tests.web.visitor import Visitor


def test_failed_deliveries_of_a_listener_name_it_without_a_link(
    owner: Visitor, organization: Any
) -> None:
    fields = {"name": "callboard listen on a laptop"}
    listener = listener_service.create(organization.id, fields, SYSTEM).listener
    delivery_id = records.delivery(organization.id, listener.id)
    for path in ("/issues", f"/deliveries/{delivery_id}", "/deliveries"):
        page = owner.get(path).text
        assert "callboard listen on a laptop" in page
        assert f"/webhooks/{listener.id}" not in page
