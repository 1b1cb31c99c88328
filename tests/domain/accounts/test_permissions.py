import pytest

from app.domain.accounts.permissions import PERMISSIONS, ROLES, SCOPES, role_allows, scopes_allow


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", set(PERMISSIONS)),
        ("member", set(SCOPES) - {"audit:read"}),
        ("viewer", {"deliveries:read"}),
        ("stranger", set()),
        ("", set()),
    ],
)
def test_a_role_has_exactly_its_permissions(role, allowed):
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
def test_a_key_has_only_the_permissions_of_its_scopes(scopes, allowed):
    assert {name for name in PERMISSIONS if scopes_allow(scopes, name)} == allowed


def test_the_roles_and_scopes_are_the_documented_ones():
    assert tuple(ROLES) == ("owner", "member", "viewer")
    keys = ("events:write", "webhooks:manage", "deliveries:read", "deliveries:resend", "audit:read")
    assert keys == SCOPES


def test_an_unknown_permission_is_never_granted():
    assert not role_allows("owner", "everything")
    assert not scopes_allow(None, "everything")
