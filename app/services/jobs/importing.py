"""Import event types and webhooks from an uploaded file, one line in each step of a job.

The file is stored encrypted, since its lines may have secrets, until the next import or a day.
"""

from collections.abc import Callable

from cryptography.fernet import InvalidToken

from app.domain.common.clock import now_ms
from app.domain.common.errors import CallboardError, Conflict, Invalid, Unavailable
from app.domain.event_types.names import check_name
from app.domain.jobs.import_lines import (
    EventTypeLine,
    WebhookLine,
    number_of,
    parse,
    position_of,
)
from app.domain.webhooks.settings.completion import complete
from app.models import Job, JobFile, Webhook
from app.models.common.base import db
from app.queries import jobs as queries
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue as event_types
from app.runtime.context import runtime
from app.services.accounts.actor import Actor
from app.services.event_types import service as event_type_service
from app.services.jobs.arguments import ImportOptions
from app.services.jobs.organization_file import own_uid
from app.services.jobs.reports import Result
from app.services.webhooks import service as webhook_service
from app.services.webhooks.addresses import check_address, with_parsed_url
from app.services.webhooks.changes import check_organization, raise_version
from app.store import key_order as ordering
from app.store.sessions import WriteSession

CREATED, UPDATED, SKIPPED, REFUSED = "created", "updated", "skipped", "refused"
OUTCOMES = (CREATED, UPDATED, SKIPPED, REFUSED)
# Of lines with something to say: the first ones. Each step writes them all again.
MAX_NOTES, MAX_NOTE, MAX_NAME = 50, 200, 80
# Bytes of lines that one row has.
PART_BYTES = 256 << 10
KEPT_MS = 24 * 3_600_000
GONE = "The file was deleted a day after it was uploaded. Import the rest of it again."
OTHER_KEY = "The file was encrypted with another SECRET_KEY. Import it again."

# (outcome, what to say about it)
Outcome = tuple[str, str]
_Work = Callable[[WriteSession], Outcome]


def parts(job: Job, lines: list[bytes]) -> list[JobFile]:
    """The rows of the file, to be added with the job."""
    rows: list[JobFile] = []
    start, size = 0, 0
    for number, line in enumerate(lines):
        size += len(line)
        if size >= PART_BYTES or number == len(lines) - 1:
            content = runtime().vault.seal(b"\n".join(lines[start : number + 1]).decode())
            expires_at = job.created_at + KEPT_MS
            rows.append(JobFile(job_id=job.id, start=start, content=content, expires_at=expires_at))
            start, size = number + 1, 0
    return rows


class Line:
    """The next line of a job. edge: the position after it; None: it is the last one. result: what
    became of all lines so far, once it is written."""

    def __init__(self, job: Job, options: ImportOptions) -> None:
        self._number, self._before = number_of(job.position), job.result or {}
        self._organization_id, self._options = job.owner, options
        self._actor = Actor(job.actor_kind, job.actor_id, job.actor_name)  # type: ignore[arg-type]
        self._name = ""
        self.result: Result = {}
        is_last = self._number + 1 >= (job.total or 0)
        self.edge = None if is_last else position_of(self._number + 1)
        text = _text(job, self._number)
        try:
            self._work = self._planned(text)
        except (Unavailable, Conflict):
            raise
        except CallboardError as error:
            refusal = REFUSED, _words(error)
            self._work = lambda _: refusal
        # No transaction stays open between the steps.
        db.session.rollback()

    def write(self, session: WriteSession, _: str) -> int:
        """In the transaction that moves the job on."""
        try:
            outcome, note = self._work(session)
        except CallboardError as error:
            outcome, note = REFUSED, _words(error)
        counts = {name: self._before.get(name, 0) for name in OUTCOMES}
        notes, more = list(self._before.get("lines", ())), self._before.get("more", 0)
        if note and len(notes) < MAX_NOTES:
            name = self._name[:MAX_NAME]
            notes.append({"line": self._number + 1, "name": name, "outcome": outcome, "note": note})
        elif note:
            more += 1
        # In place: a transaction that is repeated writes it again.
        self.result.clear()
        counts[outcome] += 1
        self.result.update(counts | {"lines": notes, "more": more})
        return 1

    def _planned(self, text: bytes) -> _Work:
        """What is left to do in the transaction, after everything that may take long."""
        line = parse(text)
        self._name = line.name if isinstance(line.name, str) else ""
        return self._webhook(line) if isinstance(line, WebhookLine) else self._event_type(line)

    def _event_type(self, line: EventTypeLine) -> _Work:
        name, organization_id = check_name(line.name), self._organization_id
        is_known = name in event_types.get_many(organization_id, [name])
        if is_known and not self._options.replaces:
            return lambda _: (SKIPPED, "")
        event_type_service.check(organization_id, [(name, line.fields)])

        def put(session: WriteSession) -> Outcome:
            is_new = event_type_service.put_in(
                session, organization_id, name, line.fields, self._actor
            )
            return (CREATED if is_new else UPDATED), ""

        return put

    def _webhook(self, line: WebhookLine) -> _Work:
        existing = _existing(self._organization_id, line.uid)
        if existing is not None and not self._options.replaces:
            return lambda _: (SKIPPED, "")
        note = ""
        if line.missing:
            note = f"The file does not have its {', '.join(sorted(line.missing))}. Enter it."
        if existing is not None:
            # Idempotent, so it can have a transaction of its own. Whether it is active is not
            # changed: that would send, or stop sending, at once.
            fields = {name: line.fields[name] for name in line.fields if name != "is_active"}
            webhook_service.update(self._organization_id, existing.id, fields, self._actor)
            return lambda _: (UPDATED, "")
        parsed = with_parsed_url(line.fields)
        settings = complete(parsed, existing=None, mode="create")
        check_address(parsed["url"])
        if self._options.paused:
            settings["is_active"] = False
        named = [name for name in line.fields if line.fields[name] is not None]

        def create(session: WriteSession) -> Outcome:
            ids = [self._organization_id]
            ordering.lock_organizations(session, ids, shared=False)
            if settings["once"]:
                check_organization(self._organization_id)
            else:
                raise_version(session, self._organization_id)
            to = (session, self._organization_id, settings, self._actor)
            webhook_service.add(*to, named=named, uid=line.uid)
            return CREATED, note

        return create


def _existing(organization_id: str, uid: str | None) -> Webhook | None:
    """A file that was exported from this organization names webhooks without a uid by their id."""
    if uid is None:
        return None
    own = webhook_queries.by_uid(organization_id, uid)
    if own is not None:
        return own
    row = webhook_queries.get(organization_id, uid[-36:])
    return row if row is not None and own_uid(row) == uid else None


def _text(job: Job, number: int) -> bytes:
    """Conflict: the file cannot be read."""
    part = queries.file_part_of_line(job.owner, job.id, number)
    if part is None or job.created_at + KEPT_MS < now_ms():
        raise Conflict(GONE)
    start, content = part
    try:
        lines = runtime().vault.open(content).encode().split(b"\n")
    except InvalidToken as error:
        raise Conflict(OTHER_KEY) from error
    if number - start >= len(lines):
        raise Conflict(GONE)
    return lines[number - start]


def _words(error: CallboardError) -> str:
    if isinstance(error, Invalid):
        named = (f"{e.field}: {e.problem} {e.remedy}".removeprefix(": ") for e in error.errors[:3])
        return " ".join(named)[:MAX_NOTE]
    return error.detail[:MAX_NOTE]
