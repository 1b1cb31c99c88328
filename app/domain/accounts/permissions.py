"""Permissions: the roles of people and the scopes of API keys."""

from collections.abc import Collection

AUDIT_READ = "audit:read"
_OF_MEMBERS = ("events:write", "webhooks:manage", "deliveries:read", "deliveries:resend")
SCOPES = (*_OF_MEMBERS, AUDIT_READ)
# For people only: no API key of an organization has these.
ORGANIZATION_MANAGE = "organization:manage"
MEMBERS_MANAGE = "members:manage"
PERMISSIONS = (*SCOPES, ORGANIZATION_MANAGE, MEMBERS_MANAGE)

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset(PERMISSIONS),
    "member": frozenset(_OF_MEMBERS),
    "viewer": frozenset({"deliveries:read"}),
}

# Of visitors of the portal only. A consumer manages webhooks, but sends no events.
CONSUMER = "consumer"
VISITOR_ROLES: dict[str, frozenset[str]] = {
    "member": ROLES["member"],
    CONSUMER: ROLES["member"] - {"events:write"},
    "viewer": ROLES["viewer"],
}


def role_allows(role: str, permission: str) -> bool:
    """Whether the role has the permission; an unknown role has none."""
    return permission in (ROLES.get(role) or VISITOR_ROLES.get(role) or frozenset())


def roles_with(permission: str) -> list[str]:
    """The roles that have the permission, the lowest first."""
    return [role for role in reversed(ROLES) if permission in ROLES[role]]


def scopes_allow(scopes: Collection[str] | None, permission: str) -> bool:
    """Whether an API key with these scopes has the permission; None means all scopes."""
    return permission in (SCOPES if scopes is None else scopes)
