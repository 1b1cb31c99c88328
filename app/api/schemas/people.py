"""Members, invitations and notifications as the API shows and takes them."""

from typing import Annotated

from msgspec import Meta

from app.api.schemas.requests import Input
from app.api.schemas.responses import Id, Schema, Time
from app.api.schemas.texts import EMAIL_PATTERN
from app.domain.accounts.permissions import ROLES
from app.domain.notifications.system_events import KINDS

Role = Annotated[str, Meta(extra_json_schema={"enum": list(ROLES)})]
Kind = Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]
Email = Annotated[str, Meta(max_length=254, examples=["ada@example.com"])]
EmailInput = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=EMAIL_PATTERN,
        examples=["ada@example.com"],
        extra_json_schema={"format": "email"},
    ),
]


class Member(Schema, frozen=True):
    """id: of the user, who can be a member of several organizations."""

    id: Id
    email: str
    name: str
    role: Role
    has_two_factor: bool
    signed_in_at: Annotated[Time | None, Meta(description="Last sign-in; null: never.")]
    joined_at: Time


class MemberChange(Input, frozen=True, kw_only=True):
    role: Role


class Invitation(Schema, frozen=True):
    id: Id
    email: str
    role: Role
    created_at: Time
    expires_at: Time
    email_state: Annotated[
        str | None,
        Meta(
            description="Of its latest email: `waiting`, `sending`, `sent`, `failed` or `dropped`;"
            " null: there is no mail server."
        ),
    ]


class NewInvitation(Invitation, frozen=True):
    """`url` is shown only once: it creates the account, or adds the person who has one."""

    url: str


class InvitationInput(Input, frozen=True, kw_only=True):
    """Inviting the same address again replaces the earlier link."""

    email: EmailInput
    role: Role


class Notifications(Schema, frozen=True):
    """is_default: the member's role decides, because nothing was chosen."""

    kinds: list[Kind]
    is_default: bool


class NotificationsChange(Input, frozen=True, kw_only=True):
    kinds: Annotated[list[Kind], Meta(description="An empty list: no emails.")]


class TestEmail(Schema, frozen=True):
    """to: the address for which the mail server accepted it."""

    to: str
