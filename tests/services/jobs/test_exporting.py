"""Exports: a job whose file is rows, so that any process can continue and send it."""

import csv
import io
import json
import zlib
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, NotFound
from app.domain.jobs.kinds import MAX_OPEN_EXPORTS
from app.models import Job, JobFile
from app.models.common.base import db
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.jobs import export_steps, exporting, running, service
from app.services.jobs.exporting import FULL, KEPT_MS
from app.store.transaction import write_transaction
from tests.services.publishing import webhook
from tests.support.databases import others_can_write
from tests.web.records import delivery


@pytest.fixture
def ids(organization: Any) -> list[str]:
    hook = webhook(organization.id, name="=1+1")
    return [delivery(organization.id, hook) for _ in range(5)]


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_steps, "AT_ONCE", 2)


def export(organization: Any, kind: str = "ndjson", **filters: Any) -> str:
    return service.start_export(organization.id, DeliveryFilter(**filters), SYSTEM, kind).id


def job(job_id: str) -> Job:
    return db.session.get_one(Job, job_id, populate_existing=True)


def content(organization: Any, job_id: str) -> str:
    return b"".join(exporting.content_of(exporting.file_of(organization.id, job_id))).decode()


def parts() -> int:
    return db.session.scalar(select(func.count()).select_from(JobFile)) or 0


def pass_time(ms: int) -> None:
    with write_transaction() as session:
        session.execute(update(JobFile).values(expires_at=JobFile.expires_at - ms))
        session.execute(update(Job).values(created_at=Job.created_at - ms))


def test_all_that_match_are_in_the_file_oldest_first(
    app: Any, organization: Any, ids: list[str], in_small_parts: None
) -> None:
    delivery(organization.id, webhook(organization.id), "succeeded", [(200, "ok")])
    job_id = export(organization, states=("failed",))
    running.run_all()
    lines = content(organization, job_id).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids
    assert parts() == 3
    done = job(job_id)
    assert (done.state, done.done, done.total) == ("completed", 5, 5)
    assert done.result == {"bytes": len("\n".join(lines)) + 1}


def test_a_part_is_compressed_before_the_transaction(
    sqlite_app: Any, organization: Any, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    compress, was_free = zlib.compress, []

    def noted(content: bytes) -> bytes:
        was_free.append(others_can_write())
        return compress(content)

    job_id = export(organization)
    monkeypatch.setattr(zlib, "compress", noted)
    running.run_all()
    assert was_free == [True]
    assert len(content(organization, job_id).splitlines()) == 5


def test_a_csv_has_one_header_and_no_formulas(
    sqlite_app: Any, organization: Any, ids: list[str], in_small_parts: None
) -> None:
    job_id = export(organization, "csv")
    running.run_all()
    rows = list(csv.DictReader(io.StringIO(content(organization, job_id))))
    assert [row["id"] for row in rows] == ids
    assert {row["webhook_name"] for row in rows} == {"'=1+1"}


def test_an_export_of_nothing_has_an_empty_file(sqlite_app: Any, organization: Any) -> None:
    for kind, lines in (("csv", 1), ("ndjson", 0)):
        job_id = export(organization, kind)
        running.run_all()
        assert len(content(organization, job_id).splitlines()) == lines


def test_another_process_continues_behind_the_last_part(
    app: Any, organization: Any, ids: list[str], in_small_parts: None, monkeypatch: Any
) -> None:
    job_id = export(organization)
    whole = exporting.Part.write

    def dies_after_the_first(part: exporting.Part, session: Any, id_: str) -> int:
        if job(job_id).done:
            raise SystemExit
        return whole(part, session, id_)

    with monkeypatch.context() as patch:
        patch.setattr(exporting.Part, "write", dies_after_the_first)
        with pytest.raises(SystemExit):
            running.run_all()
    db.session.rollback()
    assert (job(job_id).state, job(job_id).done) == ("running", 2)
    with write_transaction() as session:
        session.execute(update(Job).values(lease_until=0))
    running.run_all()
    lines = content(organization, job_id).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ids


@pytest.mark.parametrize("bound", ["MAX_ROWS", "MAX_BYTES"])
@pytest.mark.usefixtures("sqlite_app", "ids", "in_small_parts")
def test_a_file_that_is_full_says_so(organization: Any, monkeypatch: Any, bound: str) -> None:
    monkeypatch.setattr(exporting, bound, 2)
    job_id = export(organization)
    running.run_all()
    assert len(content(organization, job_id).splitlines()) == 2
    full = FULL.format(first="oldest deliveries")
    assert (job(job_id).state, job(job_id).problem) == ("completed", full)


def test_a_stopped_export_has_no_file(sqlite_app: Any, organization: Any, ids: list[str]) -> None:
    job_id = export(organization)
    service.stop(organization.id, job_id, SYSTEM)
    running.run_all()
    with pytest.raises(Conflict):
        exporting.file_of(organization.id, job_id)


def test_a_file_is_deleted_after_a_day(sqlite_app: Any, organization: Any, ids: list[str]) -> None:
    job_id = export(organization)
    running.run_all()
    running.expire(now_ms())
    assert parts() == 1
    pass_time(KEPT_MS + 1)
    with pytest.raises(Conflict):
        exporting.file_of(organization.id, job_id)
    running.expire(now_ms())
    assert parts() == 0


def test_a_file_belongs_to_its_organization(
    sqlite_app: Any, organization: Any, ids: list[str]
) -> None:
    job_id = export(organization)
    running.run_all()
    with pytest.raises(NotFound):
        exporting.file_of(organizations.create("Other").id, job_id)


@pytest.mark.usefixtures("sqlite_app")
def test_open_exports_leave_room_for_other_jobs(organization: Any) -> None:
    for _ in range(MAX_OPEN_EXPORTS):
        export(organization)
    with pytest.raises(Conflict, match="2 exports are open"):
        export(organization, "csv")
    service.start_matching(organization.id, DeliveryFilter(), SYSTEM, "resend")
    export(organizations.create("Other"))


@pytest.mark.usefixtures("app", "ids", "in_small_parts")
def test_a_new_export_deletes_all_but_the_newest_files(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MAX_FILES", 2)
    monkeypatch.setattr(exporting, "PARTS", 2)
    other = organizations.create("Other")
    delivery(other.id, webhook(other.id))
    foreign = export(other)
    running.run_all()
    ended = []
    for _ in range(4):
        ended.append(export(organization))
        running.run_all()
    newest = export(organization)
    for job_id in ended[:2]:
        with pytest.raises(Conflict, match="newer exports replaced it"):
            exporting.file_of(organization.id, job_id)
    assert [len(content(organization, job_id).splitlines()) for job_id in ended[2:]] == [5, 5]
    running.run_all()
    for job_id in (*ended[2:], newest):
        assert content(organization, job_id)
    assert parts() == 3 * 3 + 1
    assert content(other, foreign)


@pytest.mark.usefixtures("sqlite_app", "ids", "in_small_parts")
def test_a_new_export_deletes_what_a_stopped_one_has_written(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "TURN_SECONDS", 0)
    stopped = export(organization)
    claimed = running._claim(now_ms())
    assert claimed is not None
    running._turn(claimed)
    service.stop(organization.id, stopped, SYSTEM)
    assert parts() == 1
    export(organization)
    assert parts() == 0
    assert job(stopped).result == {"bytes": job(stopped).result["bytes"]}


@pytest.mark.usefixtures("sqlite_app", "ids", "in_small_parts")
def test_expired_files_are_deleted_in_small_transactions(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PARTS", 2)
    export(organization)
    running.run_all()
    pass_time(KEPT_MS + 1)
    left = [parts()]
    while left[-1]:
        running.expire(0)
        left.append(parts())
    assert left == [3, 1, 0]


@pytest.mark.usefixtures("sqlite_app", "ids", "in_small_parts")
def test_a_download_whose_file_is_deleted_meanwhile_breaks_off(organization: Any) -> None:
    job_id = export(organization)
    running.run_all()
    chunks = exporting.content_of(exporting.file_of(organization.id, job_id))
    next(chunks)
    with write_transaction() as session:
        session.execute(delete(JobFile))
    with pytest.raises(exporting.FileGone):
        next(chunks)
