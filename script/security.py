"""Write the figures of docs/security.md; see script/security."""

import re
import sys
import tempfile
from pathlib import Path

from app.services.accounts import organizations
from tests.security.declared import APIS, PAGES, digest, requests_of
from tests.security.forgery import Row, call_inside, forge_forms
from tests.security.installation import scene_on, strict_app
from tests.security.walk import Outcome, walk
from tests.support import databases
from tests.support.servers import redis as redis_server
from tests.support.servers.names import NameServer

PAGE = Path(__file__).resolve().parents[1] / "docs" / "security.md"
MARKS = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)


def main() -> int:
    """The exit code: 1 if anything passed that should not."""
    with (
        tempfile.TemporaryDirectory(prefix="callboard-") as name,
        redis_server.running() as redis_url,
    ):
        directory = Path(name)
        template = databases.SqliteTemplate(_created(directory / "template"))
        for part in ("walk", "forgery"):
            _created(directory / part)
        with scene_on(template.copy(directory / "walk"), redis_url, directory / "walk") as scene:
            pages = walk(scene, PAGES, scene.page_callers)
            apis = walk(scene, APIS, scene.key_callers)
            forms = forge_forms(scene)
        inside = _called_inside(template.copy(directory / "forgery"), redis_url, directory)
    faults = [*pages.errors, *apis.errors]
    faults += [f"{row.what}: {text}" for row in (*forms, *inside) for text in row.passed]
    for fault in faults:
        print(fault)
    text = "\n".join(_figures(pages, apis, forms, inside))
    PAGE.write_text(MARKS.sub(lambda match: f"{match[1]}{text}\n{match[2]}", PAGE.read_text()))
    print(f"Wrote {PAGE.name}: {len(faults)} faults.")
    return 1 if faults else 0


def _created(directory: Path) -> Path:
    directory.mkdir()
    return directory


def _called_inside(database_url: str, redis_url: str, directory: Path) -> list[Row]:
    server = NameServer()
    try:
        with strict_app(database_url, redis_url, directory / "forgery", server) as app:
            return call_inside(app, organizations.create("Attacker").id, server)
    finally:
        server.close()


def _figures(pages: Outcome, apis: Outcome, forms: list[Row], inside: list[Row]) -> list[str]:
    number = len(requests_of(PAGES)) + len(requests_of(APIS))
    tried = sum(pages.tried.values()) + sum(apis.tried.values())
    wrong = len(pages.errors) + len(apis.errors)
    return [
        f"Routes walked: {number:,} (list {digest()}). Requests: {tried:,}.",
        f"Answered otherwise than declared: {wrong}.",
        "",
        *_table("Pages as", pages),
        "",
        *_table("APIs as", apis),
        "",
        *_rows("Forms of another site", forms),
        "",
        *_rows("Calls to something inside", inside),
    ]


def _table(title: str, outcome: Outcome) -> list[str]:
    lines = [f"| {title} | requests | refused |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {number:,} | {outcome.refused[name]:,} |"
        for name, number in outcome.tried.items()
    ]
    return lines


def _rows(title: str, rows: list[Row]) -> list[str]:
    lines = [f"| {title} | tried | refused |", "|---|---:|---:|"]
    lines += [f"| {row.what} | {row.tried:,} | {row.refused:,} |" for row in rows]
    return lines


if __name__ == "__main__":
    sys.exit(main())
