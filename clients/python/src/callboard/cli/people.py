"""`callboard members`, `invitations` and `notifications`: who may enter an organization, and what
they are emailed about. All of it needs a platform key."""

from typing import cast, get_args

import click

from callboard.cli import inputs
from callboard.cli.output import json_option, note, print_fields, print_json, print_list
from callboard.cli.state import State, pass_state
from callboard.errors import CallboardError
from callboard.models import Member, NewInvitation, NotificationKind, Notifications, Role

MEMBER_COLUMNS = ("id", "email", "name", "role", "has_two_factor", "signed_in_at")
INVITATION_COLUMNS = ("id", "email", "role", "expires_at", "email_state")
ROLES = click.Choice(get_args(Role))
KINDS = get_args(NotificationKind)
MEMBER = "An email address, or the ID of a user."


@click.group()
def members() -> None:
    """Members of an organization. With a platform key and --organization."""


@members.command("list")
@json_option
@pass_state
def list_members(state: State, as_json: bool) -> None:
    """List members in the order in which they joined."""
    rows = state.client.members.list(state.organization_id)
    print_list(rows, MEMBER_COLUMNS, as_json=as_json)


@members.command()
@click.argument("member")
@json_option
@pass_state
def show(state: State, member: str, as_json: bool) -> None:
    """Show a member, by email address or ID."""
    _print(_member(state, member), as_json)


@members.command()
@click.argument("member")
@click.argument("role", type=ROLES)
@json_option
@pass_state
def role(state: State, member: str, role: Role, as_json: bool) -> None:
    """Change the role of a member; the last owner keeps theirs."""
    user_id = _member(state, member)["id"]
    _print(state.client.members.change_role(state.organization_id, user_id, role), as_json)


@members.command()
@click.argument("member")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_state
def remove(state: State, member: str, yes: bool) -> None:
    """Remove a member, who no longer sees the organization at once."""
    row = _member(state, member)
    if not yes:
        inputs.confirm(f"Remove {row['email']} ({row['role']})?")
    state.client.members.remove(state.organization_id, row["id"])
    note("Removed.")


@click.group()
def invitations() -> None:
    """Invite people to an organization. With a platform key and --organization."""


@invitations.command("list")
@json_option
@pass_state
def list_invitations(state: State, as_json: bool) -> None:
    """List open invitations, newest first."""
    rows = state.client.invitations.list(state.organization_id)
    print_list(rows, INVITATION_COLUMNS, as_json=as_json)


@invitations.command()
@click.argument("email")
@click.option("--role", type=ROLES, default="member", show_default=True)
@json_option
@pass_state
def create(state: State, email: str, role: Role, as_json: bool) -> None:
    """Invite EMAIL, and print the link, which is shown only now."""
    _print_link(state.client.invitations.create(state.organization_id, email, role), as_json)


@invitations.command()
@click.argument("invitation_id")
@json_option
@pass_state
def resend(state: State, invitation_id: str, as_json: bool) -> None:
    """Make a new link, for another week; the earlier one ends."""
    _print_link(state.client.invitations.resend(state.organization_id, invitation_id), as_json)


@invitations.command()
@click.argument("invitation_id")
@pass_state
def revoke(state: State, invitation_id: str) -> None:
    """Revoke an invitation; its link ends."""
    state.client.invitations.revoke(state.organization_id, invitation_id)
    note("Revoked.")


@click.group()
def notifications() -> None:
    """What members are emailed about. With a platform key and --organization."""


@notifications.command("show")
@click.argument("member")
@json_option
@pass_state
def show_notifications(state: State, member: str, as_json: bool) -> None:
    """Show what a member is emailed about."""
    user_id = _member(state, member)["id"]
    _print(state.client.notifications.get(state.organization_id, user_id), as_json)


@notifications.command("set")
@click.argument("member")
@click.argument("kinds", metavar="KINDS")
@json_option
@pass_state
def set_notifications(state: State, member: str, kinds: str, as_json: bool) -> None:
    """Email a member about KINDS, separated by commas; `none` for no emails.

    Kinds: webhook.disabled, webhook.failing, webhook.recovered, delivery.failed.
    """
    words = [] if kinds == "none" else inputs.comma_list(kinds) or []
    unknown = [word for word in words if word not in KINDS]
    if unknown or not (words or kinds == "none"):
        raise click.UsageError(f"{kinds!r}: use {', '.join(KINDS)}, or none.")
    user_id = _member(state, member)["id"]
    chosen = cast("list[NotificationKind]", words)
    updated = state.client.notifications.update(state.organization_id, user_id, chosen)
    _print(updated, as_json)


@notifications.command("test")
@click.argument("member")
@pass_state
def send_test(state: State, member: str) -> None:
    """Send a test email to a member."""
    user_id = _member(state, member)["id"]
    to = state.client.notifications.send_test(state.organization_id, user_id)
    note(f"Sent to {to}.")


def _member(state: State, text: str) -> Member:
    """By email address or ID. CallboardError: there is none."""
    if "@" not in text:
        return state.client.members.get(state.organization_id, text)
    for row in state.client.members.list(state.organization_id):
        if row["email"].lower() == text.lower():
            return row
    raise CallboardError(f"{text} is not a member. See: callboard members list")


def _print(document: Member | Notifications, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        print_fields(document)


def _print_link(invitation: NewInvitation, as_json: bool) -> None:
    if as_json:
        print_json(invitation)
        return
    note(f"Invited {invitation['email']} as {invitation['role']}. The link is shown only now:")
    click.echo(invitation["url"])
