"""Who may do what: roles of people and scopes of keys, over one set of permissions."""

from collections.abc import Collection

SCOPES = ("events:write", "webhooks:manage", "deliveries:read", "deliveries:resend")
# Of people alone; no key of an organization may do these.
ORGANIZATION_MANAGE = "organization:manage"
MEMBERS_MANAGE = "members:manage"
AUDIT_READ = "audit:read"
PERMISSIONS = (*SCOPES, ORGANIZATION_MANAGE, MEMBERS_MANAGE, AUDIT_READ)

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(PERMISSIONS),
    "member": frozenset(SCOPES),
    "viewer": frozenset({"deliveries:read"}),
}


def role_allows(role: str, permission: str) -> bool:
    """Whether a person in this role may; nobody in an unknown role may anything."""
    return permission in ROLES.get(role, frozenset())


def scopes_allow(scopes: Collection[str] | None, permission: str) -> bool:
    """Whether a key with these scopes may; None: all that there are."""
    return permission in (SCOPES if scopes is None else scopes)
