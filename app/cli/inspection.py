"""Show the settings, and collect what support needs."""

import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from app.cli.group import Installation, commands
from app.domain.common.clock import now_ms
from app.domain.common.version import VERSION
from app.runtime.configuration.origins import origins
from app.runtime.logs.output import now_text
from app.runtime.logs.redaction import redactor

# Of a log file, from its end.
_LOG_BYTES = 65_536


@commands.command()
@click.pass_obj
def settings(installation: Installation) -> None:
    """Show each setting with its value and where it comes from. Secrets are not shown."""
    rows = [(o.name, o.value or "-", o.source) for o in origins(installation.settings)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, source in rows:
        click.echo(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}")


@commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def support_bundle(installation: Installation, file: Path) -> None:
    """Write a ZIP file for support: versions, settings, sizes and health. No secret, no payload,
    and no name of a tenant is in it."""
    # Last: what the product wrote elsewhere is not ours to trust.
    redact = redactor(more=[installation.settings.secret_key])
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in _files(installation):
            bundle.writestr(name, redact(text))
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content.getvalue())
    click.echo(f"Wrote {file}. Look into it before you pass it on.")


def _files(installation: Installation) -> Iterator[tuple[str, str]]:
    about = {
        "version": VERSION,
        "time": now_text(),
        "python": sys.version,
        "platform": platform.platform(),
    }
    yield "about.json", _json(about)
    yield (
        "settings.json",
        _json(
            [
                {"name": o.name, "value": o.value, "source": o.source}
                for o in origins(installation.settings)
            ]
        ),
    )
    packages = {(d.name or "", d.version) for d in metadata.distributions()}
    yield "packages.txt", "".join(f"{name} {version}\n" for name, version in sorted(packages))
    yield "database.json", _json(_database(installation))
    log = installation.settings.data_dir / "redis" / "redis.log"
    if log.exists():
        yield "redis.log", log.read_bytes()[-_LOG_BYTES:].decode("utf-8", "replace")


def _database(installation: Installation) -> dict[str, Any]:
    from app.models.common.base import db
    from app.queries import health
    from app.queries.maintenance import consistency
    from app.queries.maintenance import installation as queries
    from app.services.maintenance import consistency as checks

    try:
        with installation.request_context():
            now = now_ms()
            backlog = health.backlog(now)
            return {
                "dialect": db.engine.dialect.name,
                "schema": queries.schema_revision(),
                "bytes": consistency.database_bytes(),
                "rows": consistency.table_sizes(),
                "workers": health.workers_since(now - 15_000),
                "queue": {"due": backlog.count, "oldest_seconds": backlog.oldest_age_ms / 1000},
                "checks": {finding.title: finding.number for finding in checks.inspect()},
            }
    except SQLAlchemyError as error:
        return {"error": str(error).partition("\n")[0]}


def _json(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"
