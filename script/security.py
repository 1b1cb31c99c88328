"""Write the figures of docs/security.md; see script/security."""

import os
import re
import sys
import tempfile
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Walked:
    pages: Outcome
    apis: Outcome
    forms: list[Row]

    @property
    def errors(self) -> list[str]:
        return [*self.pages.errors, *self.apis.errors, *_passed(self.forms)]

    @property
    def requests(self) -> int:
        return sum(self.pages.tried.values()) + sum(self.apis.tried.values())


def main() -> int:
    """The exit code: 1 if anything passed that should not."""
    with (
        tempfile.TemporaryDirectory(prefix="callboard-") as name,
        redis_server.running() as redis_url,
        databases.postgres_server(f"security-{os.getpid()}") as server,
        databases.postgres_database(server, "callboard_security") as postgres_url,
    ):
        directory = Path(name)
        template = databases.SqliteTemplate(_created(directory / "template"))
        for part in ("walk", "postgresql", "forgery"):
            _created(directory / part)
        walked = _walk(template.copy(directory / "walk"), redis_url, directory / "walk")
        databases.prepare(postgres_url, directory / "postgresql")
        other = _walk(postgres_url, redis_url, directory / "postgresql")
        inside = _called_inside(template.copy(directory / "forgery"), redis_url, directory)
    faults = [*walked.errors, *(f"PostgreSQL: {text}" for text in other.errors), *_passed(inside)]
    for fault in faults:
        print(fault)
    text = "\n".join(_figures(walked, other, inside))
    PAGE.write_text(MARKS.sub(lambda match: f"{match[1]}{text}\n{match[2]}", PAGE.read_text()))
    print(f"Wrote {PAGE.name}: {len(faults)} faults.")
    return 1 if faults else 0


def _created(directory: Path) -> Path:
    directory.mkdir()
    return directory


def _walk(database_url: str, redis_url: str, directory: Path) -> Walked:
    with scene_on(database_url, redis_url, directory) as scene:
        pages = walk(scene, PAGES, scene.page_callers)
        apis = walk(scene, APIS, scene.key_callers)
        return Walked(pages, apis, forge_forms(scene))


def _passed(rows: list[Row]) -> list[str]:
    return [f"{row.what}: {text}" for row in rows for text in row.passed]


def _called_inside(database_url: str, redis_url: str, directory: Path) -> list[Row]:
    server = NameServer()
    try:
        with strict_app(database_url, redis_url, directory / "forgery", server) as app:
            return call_inside(app, organizations.create("Attacker").id, server)
    finally:
        server.close()


def _figures(walked: Walked, other: Walked, inside: list[Row]) -> list[str]:
    """other: on the other database; the tables are those of `walked`."""
    number = len(requests_of(PAGES)) + len(requests_of(APIS))
    forms = sum(row.tried for row in other.forms)
    return [
        f"Routes walked: {number:,} (list {digest()}). Requests: {walked.requests:,}.",
        f"Answered otherwise than declared: {_wrong(walked)}.",
        (
            f"The same on PostgreSQL: {other.requests:,} requests and {forms:,} forged forms,"
            f" {_wrong(other) + len(_passed(other.forms))} answered otherwise."
        ),
        "",
        *_table("Pages as", walked.pages),
        "",
        *_table("APIs as", walked.apis),
        "",
        *_rows("Forms of another site", walked.forms),
        "",
        *_rows("Calls to something inside", inside),
    ]


def _wrong(walked: Walked) -> int:
    return len(walked.pages.errors) + len(walked.apis.errors)


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
