"""Find and repair inconsistent rows, requeue deliveries, delete expired data, compact."""

import click

from app.cli.group import COMMAND_LINE, Installation, commands


@commands.command()
@click.option("--repair", is_flag=True, help="Repair what is found.")
@click.pass_context
def check(context: click.Context, repair: bool) -> None:
    """Find rows that do not fit together. Runs while Callboard runs.

    The exit status is 1 if something was found and not repaired.
    """
    from app.services.maintenance import consistency, schema, secret_key

    with context.obj.request_context():
        schema.check()
        secret_key.check()
        click.echo("Schema and SECRET_KEY match.")
        findings = consistency.repair() if repair else consistency.inspect()
    for finding in findings:
        outcome = "none" if not finding.number else f"{finding.number:,}"
        if finding.number:
            outcome += f" ({finding.remedy if repair else 'not repaired'})"
        click.echo(f"{finding.title}: {outcome}")
    if not repair and any(finding.number for finding in findings):
        click.echo("Repeat with --repair.")
        context.exit(1)


@commands.command()
@click.argument("organization_id")
@click.option("--webhook", metavar="ID", help="Only deliveries of this webhook.")
@click.option("--cause", help="Only with this failure reason, such as connect_timeout.")
@click.option("--event-type", help="Only of this event type.")
@click.pass_obj
def requeue(
    installation: Installation,
    organization_id: str,
    webhook: str | None,
    cause: str | None,
    event_type: str | None,
) -> None:
    """Send an organization's failed deliveries again."""
    from app.queries.deliveries.filters import DeliveryFilter
    from app.services.deliveries import bulk

    filters = DeliveryFilter(
        states=("failed",), webhook_id=webhook, cause=cause, event_type=event_type
    )
    with installation.request_context():
        progress = bulk.act_on_set(organization_id, filters, COMMAND_LINE, "resend")
    click.echo(f"Queued {progress.number:,} deliveries.")


@commands.command()
@click.pass_obj
def prune(installation: Installation) -> None:
    """Delete expired events, deliveries and audit entries now instead of within the hour."""
    from app.services.maintenance import retention

    with installation.request_context():
        before, after = retention.clean_all()
    click.echo(f"Deleted {before - after:,} events; {after:,} are left.")


@commands.command()
@click.pass_obj
def vacuum(installation: Installation) -> None:
    """Return the space of deleted rows, and update the statistics of the planner.

    With SQLite nothing can be written meanwhile, and the file's size must be free on the disk.
    """
    from app.services.maintenance import compacting

    with installation.request_context():
        before, after = compacting.compact()
    click.echo(f"Size of the database: {before / 1e6:,.1f} MB before, {after / 1e6:,.1f} MB after.")
