"""Create organizations, users and API keys."""

import click
from flask import url_for

from app.cli.group import COMMAND_LINE, Installation, commands


@commands.command()
@click.argument("name")
@click.option("--owner", metavar="EMAIL", help="Invite this person as its first owner.")
@click.pass_obj
def create_organization(installation: Installation, name: str, owner: str | None) -> None:
    """Create an organization; prints its ID and the link of the invitation."""
    from app.services.accounts import organizations, provisioning

    with installation.request_context():
        if owner is None:
            click.echo(organizations.create(name, actor=COMMAND_LINE).id)
            return
        organization, token = provisioning.create(name, owner, COMMAND_LINE)
        click.echo(organization.id)
        click.echo(url_for("invitations.show", token=token, _external=True))


@commands.command()
@click.argument("email")
@click.option("--organization", metavar="ID", required=True, help="The user's organization.")
@click.option("--role", default="member", show_default=True, help="owner, member or viewer.")
@click.pass_obj
def create_user(installation: Installation, email: str, organization: str, role: str) -> None:
    """Invite a user; prints the link on which they choose a name and a password."""
    from app.services.accounts import invitations

    with installation.request_context():
        _, token = invitations.create(organization, email, role, COMMAND_LINE)
        click.echo(url_for("invitations.show", token=token, _external=True))


@commands.command()
@click.option("--organization", metavar="ID", help="Its organization; without it a platform key.")
@click.option("--name", default="Command line", show_default=True, help="Shown in the dashboard.")
@click.option("--scope", "scopes", multiple=True, help="May be repeated; without it all.")
@click.option("--expires", metavar="TIME", help="ISO 8601, such as 2027-01-01T00:00:00Z.")
@click.pass_obj
def create_key(
    installation: Installation,
    organization: str | None,
    name: str,
    scopes: tuple[str, ...],
    expires: str | None,
) -> None:
    """Create an API key and print it. It cannot be shown again."""
    from app.services.accounts import api_keys

    with installation.request_context():
        chosen = list(scopes) or None
        key = api_keys.create(organization, name, chosen, expires, actor=COMMAND_LINE)
        click.echo(key.key)
