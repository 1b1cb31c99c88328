"""`callboard verify`: the signature of a callback that was written down."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from callboard.cli import inputs
from callboard.cli.output import json_option, print_json
from callboard.errors import VerificationError
from callboard.verification import TOLERANCE_SECONDS, Scheme
from callboard.verification import verify as verify_callback


@click.command()
@click.argument("body", default="-")
@click.option(
    "--secret",
    envvar="CALLBOARD_WEBHOOK_SECRET",
    required=True,
    help="whsec_..., or the public key whpk_...; also CALLBOARD_WEBHOOK_SECRET.",
)
@click.option("-H", "--header", multiple=True, help="NAME: VALUE, several times.")
@click.option(
    "--headers", type=click.Path(exists=True, dir_okay=False), help="A file of NAME: VALUE lines."
)
@click.option(
    "--scheme",
    type=click.Choice(["standard", "timestamped", "sha256"]),
    default="standard",
    show_default=True,
    help="The webhook's signature_scheme.",
)
@click.option("--signature-header", help="The webhook's signature_header, if it has its own.")
@click.option("--check-age", is_flag=True, help="Refuse timestamps more than five minutes off.")
@json_option
def verify(
    body: str,
    secret: str,
    header: tuple[str, ...],
    headers: str | None,
    scheme: Scheme,
    signature_header: str | None,
    check_age: bool,
    as_json: bool,
) -> None:
    """Verify a callback: BODY is the file with its bytes as they came (default: standard input).

    \b
        callboard verify body.bin --headers head.txt --secret whsec_...
        callboard verify body.bin -H 'webhook-id: msg_...' -H 'webhook-timestamp: 1771933940' \\
            -H 'webhook-signature: v1,...'

    Exit code 1 if it cannot be trusted.
    """
    received = _received(header, headers)
    with inputs.opened(body) as file:
        content = file.read()
    tolerance = TOLERANCE_SECONDS if check_age else None
    how: Any = {"tolerance": tolerance, "scheme": scheme, "header": signature_header}
    try:
        callback = verify_callback(received, content, secret.split(), **how)
    except VerificationError as error:
        raise VerificationError(f"Not valid: {error}") from None
    except (ValueError, ImportError) as error:
        raise click.UsageError(str(error)) from None
    signed_at = datetime.fromtimestamp(callback.timestamp, UTC).isoformat()
    if as_json:
        print_json({"valid": True, "id": callback.id, "signed_at": signed_at})
    else:
        click.secho(f"Valid: {callback.id}, signed at {signed_at}", fg="green")


def _received(options: tuple[str, ...], path: str | None) -> dict[str, str]:
    """The headers of options and of a file."""
    lines = Path(path).read_text(errors="replace").splitlines() if path else []
    # A request line or a status line in front is no header.
    from_file = inputs.pairs(tuple(line for line in lines if _is_header(line)), ":", "--headers")
    return from_file | inputs.pairs(options, ":", "-H")


def _is_header(line: str) -> bool:
    name, separator, _ = line.partition(":")
    return bool(separator) and " " not in name.strip()
