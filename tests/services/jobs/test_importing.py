"""Imports: a job that creates webhooks and event types, line by line."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from app.domain.common.errors import Conflict, Unavailable
from app.domain.jobs import import_lines
from app.domain.jobs.kinds import MAX_OPEN_IMPORTS
from app.models import AuditEntry, Job, JobFile, Webhook
from app.models.common.base import db
from app.queries import jobs as job_queries
from app.queries import webhooks as webhook_queries
from app.queries.event_types import catalogue
from app.runtime.context import runtime
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.event_types import service as event_type_service
from app.services.jobs import importing, organization_file, running, service
from app.services.jobs.arguments import ImportOptions
from app.services.webhooks import service as webhook_service
from app.store.transaction import write_transaction
from tests.support.databases import others_can_write

URL = "https://example.com/hook"


def lines(*documents: dict[str, Any]) -> list[bytes]:
    return import_lines.split(b"\n".join(msgspec.json.encode(each) for each in documents))


def read_in(organization_id: str, content: list[bytes], **options: Any) -> Job:
    job = service.start_import(organization_id, content, ImportOptions(**options), SYSTEM)
    running.run_all()
    return db.session.get_one(Job, job.id, populate_existing=True)


def imported(organization: Any, *documents: dict[str, Any], **options: Any) -> Job:
    return read_in(organization.id, lines(*documents), **options)


def counts(job: Job) -> dict[str, int]:
    return {name: job.result[name] for name in importing.OUTCOMES if job.result[name]}


def hooks(organization: Any) -> list[Webhook]:
    return webhook_queries.listed(organization.id)


def test_an_export_is_imported_into_another_organization(app: Any, organization: Any) -> None:
    own_id, other_id = organization.id, organizations.create("Other").id
    fields = {"url": URL, "name": "Media", "api_key": "k", "metadata": {"team": "video"}}
    webhook_service.create(own_id, fields, SYSTEM)
    read_in(own_id, lines({"event_type": {"name": "a.b", "sample": {"n": 1}}}))
    content = import_lines.split(b"".join(organization_file.batches(own_id)))
    job = read_in(other_id, content, paused=False)
    assert (job.state, job.done, job.total, counts(job)) == ("completed", 2, 2, {"created": 2})
    [note] = job.result["lines"]
    assert note["note"] == "The file does not have its api_key. Enter it."
    [original], [copy] = webhook_queries.listed(own_id), webhook_queries.listed(other_id)
    assert (copy.name, copy.url, copy.meta, copy.is_active) == ("Media", URL, original.meta, True)
    assert copy.signing_secret != original.signing_secret
    row = catalogue.get(other_id, "a.b")
    assert row is not None
    assert row.sample == b'{"n":1}'
    for organization_id in (other_id, own_id):
        assert counts(read_in(organization_id, content)) == {"skipped": 2}


def test_webhooks_are_created_paused_unless_asked_otherwise(
    sqlite_app: Any, organization: Any
) -> None:
    imported(organization, {"webhook": {"url": URL}})
    assert [row.is_active for row in hooks(organization)] == [False]


def test_what_exists_is_changed_only_if_asked(sqlite_app: Any, organization: Any) -> None:
    fields = {"url": URL, "name": "Old", "secret_token": "t"}
    row = webhook_service.create(organization.id, fields, SYSTEM, uid="own")
    line = {"webhook": {"uid": "own", "url": URL, "name": "New", "is_active": False}}
    assert counts(imported(organization, line)) == {"skipped": 1}
    assert counts(imported(organization, line, replaces=True)) == {"updated": 1}
    db.session.expire_all()
    [changed] = hooks(organization)
    assert (changed.id, changed.name, changed.is_active) == (row.id, "New", True)
    assert changed.secret_token is not None


def test_a_wrong_line_is_refused_and_the_others_are_imported(
    sqlite_app: Any, organization: Any
) -> None:
    job = imported(
        organization,
        {"webhook": {"url": URL, "colour": "red"}},
        {"webhook": {"url": "http://10.0.0.1/"}},
        {"event_type": {"name": "a b"}},
        {"event_type": {"name": "a.b", "sample": {}, "schema": {"type": "array"}}},
        {"webhook": {"url": URL, "uid": "twice"}},
    )
    assert (job.state, counts(job)) == ("completed", {"created": 1, "refused": 4})
    assert [note["line"] for note in job.result["lines"]] == [1, 2, 3, 4]
    assert all(note["note"] for note in job.result["lines"])


def test_another_process_continues_with_the_next_line(
    app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [{"webhook": {"url": f"{URL}/{n}"}} for n in range(3)]
    job = service.start_import(organization.id, lines(*documents), ImportOptions(), SYSTEM)
    write = importing.Line.write

    def dies_after_the_first(line: importing.Line, session: Any, id_: str) -> int:
        if hooks(organization):
            raise SystemExit
        return write(line, session, id_)

    with monkeypatch.context() as patch:
        patch.setattr(importing.Line, "write", dies_after_the_first)
        with pytest.raises(SystemExit):
            running.run_all()
    db.session.rollback()
    with write_transaction() as session:
        session.execute(update(Job).values(lease_until=0))
    running.run_all()
    assert counts(db.session.get_one(Job, job.id, populate_existing=True)) == {"created": 3}
    assert [row.url for row in reversed(hooks(organization))] == [f"{URL}/{n}" for n in range(3)]


def test_a_stopped_import_creates_nothing_more(sqlite_app: Any, organization: Any) -> None:
    document = {"webhook": {"url": URL}}
    job = service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)
    service.stop(organization.id, job.id, SYSTEM)
    running.run_all()
    assert hooks(organization) == []


def test_the_file_is_stored_encrypted_until_the_next_import(
    sqlite_app: Any, organization: Any
) -> None:
    def stored() -> list[bytes]:
        return [bytes(row) for row in db.session.scalars(select(JobFile.content))]

    secret = {"webhook": {"url": URL, "secret_token": "a-secret-token"}}
    service.start_import(organization.id, lines(secret), ImportOptions(), SYSTEM)
    assert len(stored()) == 1
    assert b"a-secret-token" not in b"".join(stored())
    running.run_all()
    service.start_import(organization.id, lines(secret), ImportOptions(), SYSTEM)
    assert len(stored()) == 1


def test_a_file_in_several_parts_is_read_to_its_end(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PART_BYTES", 60)
    job = imported(organization, *({"webhook": {"url": f"{URL}/{n}"}} for n in range(5)))
    assert counts(job) == {"created": 5}


def test_a_file_that_is_gone_fails_the_job(sqlite_app: Any, organization: Any) -> None:
    document = {"webhook": {"url": URL}}
    job = service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)
    with write_transaction() as session:
        for row in session.scalars(select(JobFile)):
            session.delete(row)
    running.run_all()
    failed = db.session.get_one(Job, job.id, populate_existing=True)
    assert (failed.state, failed.problem) == ("failed", importing.GONE)


def test_only_the_first_notes_are_kept_and_the_others_counted(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_NOTES", 2)
    wrong = {"webhook": {"url": URL, "name": "N" * 900, "colour" * 100: "red"}}
    job = imported(organization, wrong, wrong, wrong, {"webhook": {"url": URL}}, wrong)
    assert counts(job) == {"created": 1, "refused": 4}
    assert [note["line"] for note in job.result["lines"]] == [1, 2]
    assert job.result["more"] == 2
    note = job.result["lines"][0]
    assert (len(note["name"]), len(note["note"])) == (importing.MAX_NAME, importing.MAX_NOTE)


def test_no_note_has_the_secrets_of_a_url(sqlite_app: Any, organization: Any) -> None:
    line = {"webhook": {"url": "https://ada:pass-word@example.com/?token=t-o-k-e-n", "color": 1}}
    [note] = imported(organization, line).result["lines"]
    assert note["name"] == "example.com"
    assert "pass-word" not in str(note)
    assert "t-o-k-e-n" not in str(note)


def test_a_busy_sandbox_is_no_error_of_the_job(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"event_type": {"name": "a.b", "schema": {"type": "object"}}}
    job = service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)

    def busy(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(event_type_service, "check", busy)
        for _ in range(running.MAX_ERRORS + 1):
            running.run_all()
            waiting = db.session.get_one(Job, job.id, populate_existing=True)
            assert (waiting.state, waiting.errors, waiting.runner) == ("running", 0, None)
            runnable = job_queries.runnable(waiting.touched_at, running.LEASE_MS)
            assert db.session.scalar(runnable) is None
            with write_transaction() as session:
                session.execute(update(Job).values(lease_until=0))
    running.run_all()
    assert counts(db.session.get_one(Job, job.id, populate_existing=True)) == {"created": 1}


def test_a_file_is_encrypted_before_the_transaction(
    sqlite_app: Any, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, was_free = type(runtime().vault).seal, []

    def noted(vault: Any, content: str) -> bytes:
        was_free.append(others_can_write())
        return seal(vault, content)

    monkeypatch.setattr(type(runtime().vault), "seal", noted)
    document = {"webhook": {"url": URL}}
    service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)
    assert was_free == [True]


def test_few_imports_are_open_at_a_time(sqlite_app: Any, organization: Any) -> None:
    document = {"webhook": {"url": URL}}
    for _ in range(MAX_OPEN_IMPORTS):
        service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)
    with pytest.raises(Conflict, match="imports are open"):
        service.start_import(organization.id, lines(document), ImportOptions(), SYSTEM)


def test_each_webhook_and_the_job_are_audited(sqlite_app: Any, organization: Any) -> None:
    imported(organization, {"webhook": {"url": URL, "secret_token": "t-o-k-e-n"}})
    entries = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    assert [row.action for row in entries][-3:] == ["job.start", "webhook.create", "job.complete"]
    assert "t-o-k-e-n" not in str([(row.before, row.after) for row in entries])
