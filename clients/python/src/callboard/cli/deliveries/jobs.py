"""`callboard jobs`."""

import sys
import time
from collections.abc import Callable
from typing import Any, cast

import click

from callboard.cli.deliveries.commands import filter_of, filter_options
from callboard.cli.output import json_option, note, print_fields, print_json, print_list
from callboard.cli.state import State, pass_state
from callboard.errors import CallboardError
from callboard.files import check_writable
from callboard.models import Job

COLUMNS = ("id", "kind", "state", "count", "total", "started_by", "created_at")
FIELDS = (*COLUMNS, "filter", "started_at", "ended_at", "seconds_left", "problem")
OUTCOMES = ("succeeded", "failed", "waiting", "on_hold", "cancelled", "elsewhere")
ENDED = ("completed", "stopped", "failed")
POLL_SECONDS = 2.0

wait_option = click.option("--wait", is_flag=True, help="Until it has ended.")


@click.group()
def jobs() -> None:
    """Resend, cancel, recover or export any number of deliveries: workers go on by themselves."""


@jobs.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="At most.")
@json_option
@pass_state
def list_(state: State, limit: int, as_json: bool) -> None:
    """List jobs, newest first."""
    print_list(state.client.jobs.list().first(limit), COLUMNS, as_json=as_json)


@jobs.command()
@click.argument("job_id")
@wait_option
@json_option
@pass_state
def show(state: State, job_id: str, wait: bool, as_json: bool) -> None:
    """Show a job and what has become of its deliveries."""
    _end(state, state.client.jobs.get(job_id), wait, as_json)


@jobs.command()
@click.argument("job_id")
@json_option
@pass_state
def stop(state: State, job_id: str, as_json: bool) -> None:
    """Stop a job. What it has queued is still sent."""
    _end(state, state.client.jobs.stop(job_id), False, as_json)


@jobs.command()
@click.argument("job_id")
@click.argument("file", default="-", type=click.Path(dir_okay=False, allow_dash=True))
@click.option("--wait", is_flag=True, help="Until the export has ended.")
@pass_state
def download(state: State, job_id: str, file: str, wait: bool) -> None:
    """Download the file of an export to FILE (default: standard output).

    It is kept for a day after the job was created. FILE appears once it is complete. If it became
    too large for all that match, it is downloaded, too, and the exit code is 1.
    """
    job = state.client.jobs.get(job_id)
    if wait:
        job = _ended(state, job, quiet=False)
    _check_failed(job)
    _download(state, job_id, file)
    if job["state"] not in ENDED:
        # It ended after the first look.
        job = state.client.jobs.get(job_id)
    _check_complete(job)


@jobs.command()
@filter_options
@click.option(
    "--format",
    "kind",
    type=click.Choice(("ndjson", "csv")),
    default="ndjson",
    show_default=True,
    help="One JSON object per line, or a table.",
)
@click.option(
    "--output",
    "file",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Wait, and download the file to FILE; - is standard output.",
)
@wait_option
@json_option
@pass_state
def export(
    state: State, /, kind: str, file: str | None, wait: bool, as_json: bool, **options: Any
) -> None:
    """Export all deliveries that match the filters, or all of them, to a file.

    The server keeps the file for a day: `callboard jobs download JOB FILE`. If the file became
    too large for all of them, it is downloaded, too, and the exit code is 1.
    """
    if file is not None and as_json:
        raise click.UsageError("--json prints the job, and --output the file: give one of them.")
    if file is not None and file != "-":
        check_writable(file)
    job = state.client.jobs.export(kind, **cast("dict[str, Any]", filter_of(options)))
    if file is None:
        _end(state, job, wait, as_json)
        return
    note(f"Job {job['id']}. If this ends early: callboard jobs download {job['id']} FILE --wait")
    ended = _ended(state, job, quiet=False)
    _check_failed(ended)
    _download(state, job["id"], file)
    _check_complete(ended)


@jobs.command()
@filter_options
@wait_option
@json_option
@pass_state
def resend(state: State, /, wait: bool, as_json: bool, **options: Any) -> None:
    """Resend all deliveries that match the filters.

    Without --state: those that failed, were cancelled or skipped.
    """
    _start(state, state.client.jobs.resend, wait, as_json, options)


@jobs.command()
@filter_options
@wait_option
@json_option
@pass_state
def cancel(state: State, /, wait: bool, as_json: bool, **options: Any) -> None:
    """Cancel all deliveries that match the filters and have not ended."""
    _start(state, state.client.jobs.cancel, wait, as_json, options)


@jobs.command("send-missed")
@click.argument("webhook_id")
@click.option("--since", required=True, help="A time in ISO 8601.")
@wait_option
@json_option
@pass_state
def send_missed(state: State, webhook_id: str, since: str, wait: bool, as_json: bool) -> None:
    """Send a webhook the matching events that have no delivery for it, or a skipped one."""
    _end(state, state.client.jobs.send_missed(webhook_id, since), wait, as_json)


def _start(
    state: State, start: Callable[..., Job], wait: bool, as_json: bool, options: dict[str, Any]
) -> None:
    filters = cast("dict[str, Any]", filter_of(options))
    if not filters:
        raise click.UsageError("Give at least one filter, such as --webhook or --since.")
    _end(state, start(**filters), wait, as_json)


def _download(state: State, job_id: str, file: str) -> None:
    if file == "-":
        state.client.jobs.download(job_id, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        size = state.client.jobs.download(job_id, file)
        note(f"{file}: {size} bytes")


def _end(state: State, job: Job, wait: bool, as_json: bool) -> None:
    """Print it. A job that failed is a refusal."""
    if wait:
        job = _ended(state, job, quiet=as_json)
    if as_json:
        print_json(job)
    else:
        print_fields(job, FIELDS)
        click.echo()
        print_fields(job["deliveries"], OUTCOMES)
    if wait:
        _check_failed(job)
        _check_complete(job)


def _ended(state: State, job: Job, *, quiet: bool) -> Job:
    while job["state"] not in ENDED:
        time.sleep(POLL_SECONDS)
        job = state.client.jobs.get(job["id"])
        if not quiet:
            of = "" if job["total"] is None else f" of {job['total']}"
            note(f"{job['count']}{of}")
    return job


def _check_failed(job: Job) -> None:
    if job["state"] == "failed":
        raise CallboardError(job["problem"] or "The job failed.")


def _check_complete(job: Job) -> None:
    """A job that has not done all is a refusal, once what it has done is there."""
    if job["state"] == "completed" and job["problem"]:
        raise CallboardError(job["problem"])
