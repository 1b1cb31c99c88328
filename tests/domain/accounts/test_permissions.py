import pytest

from app.domain.accounts.permissions import PERMISSIONS, ROLES, SCOPES, role_allows, scopes_allow


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", set(PERMISSIONS)),
        ("member", set(SCOPES)),
        ("viewer", {"deliveries:read"}),
        ("stranger", set()),
        ("", set()),
    ],
)
def test_a_role_allows_what_it_is_for_and_no_more(role, allowed):
    assert {name for name in PERMISSIONS if role_allows(role, name)} == allowed


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (None, set(SCOPES)),
        ([], set()),
        (["events:write"], {"events:write"}),
        (["deliveries:read", "deliveries:resend"], {"deliveries:read", "deliveries:resend"}),
    ],
)
def test_a_key_may_do_what_its_scopes_say_and_nothing_that_is_for_people(scopes, allowed):
    assert {name for name in PERMISSIONS if scopes_allow(scopes, name)} == allowed


def test_the_roles_and_scopes_are_those_of_the_contract():
    assert tuple(ROLES) == ("owner", "member", "viewer")
    assert SCOPES == ("events:write", "webhooks:manage", "deliveries:read", "deliveries:resend")


def test_nobody_is_allowed_what_there_is_not():
    assert not role_allows("owner", "everything")
    assert not scopes_allow(None, "everything")
