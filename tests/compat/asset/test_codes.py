"""Short codes in place of organization ids."""

from typing import Any

from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from tests.compat.asset.test_management import create_webhook, is_no_such_path
from tests.compat.caller import Caller


def test_a_short_code_names_the_organization_in_place_of_its_id(
    call: Caller, stranger: Caller, organization: Any
) -> None:
    organizations.change(organization.id, {"uid": "9mg3d2"}, SYSTEM)
    webhook = create_webhook(call, "/api/v1/9mg3d2/webhooks/")
    path = f"/api/v1/9mg3d2/webhooks/{webhook['id']}/"
    assert call("GET", path).json == webhook
    assert is_no_such_path(call("GET", "/api/v1/other/webhooks/"))
    assert is_no_such_path(stranger("GET", path))
