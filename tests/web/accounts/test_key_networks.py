import re
from typing import Any

from app.queries.accounts import users as accounts
from tests.web.visitor import Visitor


def test_the_networks_of_a_key_are_set_and_changed(owner: Visitor, organization: Any) -> None:
    fields = {"name": "Site", "access": "all", "lifetime": ""}
    refused = owner.post("/settings/api-keys", **fields, allowed_networks="10.0.0.1/8")
    assert refused.status_code == 422
    assert 'id="allowed_networks-error"' in refused.text
    networks = "203.0.113.0/24\r\n\r\n 2001:db8::1 "
    owner.post("/settings/api-keys", **fields, allowed_networks=networks)
    [key] = accounts.api_keys(organization.id)
    assert key.allowed_networks == ["203.0.113.0/24", "2001:db8::1/128"]
    assert "from 203.0.113.0/24, 2001:db8::1/128" in owner.get("/settings/api-keys").text
    page = f"/settings/api-keys/{key.id}/networks"
    assert "Your address is 127.0.0.1." in owner.get(page).text
    wrong = owner.post(page, allowed_networks="nope")
    assert wrong.status_code == 422
    assert ">nope</textarea>" in re.sub(r"\s", "", wrong.text)
    assert owner.post(page, allowed_networks="").status_code == 303
    [key] = accounts.api_keys(organization.id)
    assert key.allowed_networks is None
