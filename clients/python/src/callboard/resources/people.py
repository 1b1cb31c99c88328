"""Members of an organization, invitations and notifications. All of it needs a platform key."""

from collections.abc import Sequence
from typing import cast

from callboard.models import (
    Invitation,
    Member,
    NewInvitation,
    NotificationKind,
    Notifications,
    Role,
)
from callboard.paging import Pages
from callboard.resources.base import Resource
from callboard.transport import path_of


class Members(Resource):
    def list(self, organization_id: str) -> Pages[Member]:
        """In the order in which they joined."""
        path = path_of("organizations", organization_id, "members")
        return Pages(self._transport, path, is_paged=False)

    def get(self, organization_id: str, user_id: str) -> Member:
        return cast("Member", self._transport.get(_member(organization_id, user_id)))

    def change_role(self, organization_id: str, user_id: str, role: Role) -> Member:
        """Conflict: there would be no owner."""
        path, document = _member(organization_id, user_id), {"role": role}
        return cast("Member", self._transport.request("PATCH", path, document, repeatable=True))

    def remove(self, organization_id: str, user_id: str) -> None:
        """At once they no longer see the organization. Conflict: they are its last owner."""
        self._transport.request("DELETE", _member(organization_id, user_id))


class Invitations(Resource):
    def list(self, organization_id: str) -> Pages[Invitation]:
        """Open ones, newest first, expired ones as well."""
        path = path_of("organizations", organization_id, "invitations")
        return Pages(self._transport, path, is_paged=False)

    def create(self, organization_id: str, email: str, role: Role) -> NewInvitation:
        """Its `url` is shown this once. Inviting the same address again replaces the earlier link.
        Invalid: they are a member."""
        path = path_of("organizations", organization_id, "invitations")
        document = {"email": email, "role": role}
        return cast("NewInvitation", self._transport.request("POST", path, document))

    def resend(self, organization_id: str, invitation_id: str) -> NewInvitation:
        """For another week, with a new link."""
        path = path_of("organizations", organization_id, "invitations", invitation_id, "resend")
        return cast("NewInvitation", self._transport.request("POST", path))

    def revoke(self, organization_id: str, invitation_id: str) -> None:
        path = path_of("organizations", organization_id, "invitations", invitation_id)
        self._transport.request("DELETE", path)


class NotificationSettings(Resource):
    """What members are emailed about."""

    def get(self, organization_id: str, user_id: str) -> Notifications:
        path = _member(organization_id, user_id, "notifications")
        return cast("Notifications", self._transport.get(path))

    def update(
        self, organization_id: str, user_id: str, kinds: Sequence[NotificationKind]
    ) -> Notifications:
        """kinds: all of them; empty for no emails."""
        path = _member(organization_id, user_id, "notifications")
        document = {"kinds": list(kinds)}
        response = self._transport.request("PATCH", path, document, repeatable=True)
        return cast("Notifications", response)

    def send_test(self, organization_id: str, user_id: str) -> str:
        """Returns the address. Conflict: there is no mail server, or it rejected the email."""
        path = _member(organization_id, user_id, "notifications", "test")
        return cast("str", self._transport.request("POST", path)["to"])


def _member(organization_id: str, user_id: str, *more: str) -> str:
    return path_of("organizations", organization_id, "members", user_id, *more)
