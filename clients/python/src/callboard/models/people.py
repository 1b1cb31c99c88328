"""Members, invitations and notifications."""

from typing import Literal, TypedDict

Role = Literal["owner", "member", "viewer"]
NotificationKind = Literal[
    "webhook.disabled", "webhook.failing", "webhook.recovered", "delivery.failed"
]


class Member(TypedDict):
    """id: of the user."""

    id: str
    email: str
    name: str
    role: Role
    has_two_factor: bool
    signed_in_at: str | None
    joined_at: str


class Invitation(TypedDict):
    """email_state: of its latest email; None: there is no mail server."""

    id: str
    email: str
    role: Role
    created_at: str
    expires_at: str
    email_state: Literal["waiting", "sending", "sent", "failed", "dropped"] | None


class NewInvitation(Invitation):
    """`url` is shown this once."""

    url: str


class Notifications(TypedDict):
    """is_default: the member's role decides."""

    kinds: list[NotificationKind]
    is_default: bool
