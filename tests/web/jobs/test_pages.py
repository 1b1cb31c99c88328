"""The pages of jobs."""

from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.common.ids import new_id
from app.models import Delivery, Job, Webhook
from app.queries.common import pace
from app.queries.deliveries.filters import DeliveryFilter
from app.services.accounts import organizations
from app.services.accounts.actor import SYSTEM
from app.services.jobs import running, service
from app.store.transaction import write_transaction
from app.web.jobs import pages as job_pages
from tests.services.publishing import webhook
from tests.web.guests import guest_of
from tests.web.records import ABOUT, delivery, event
from tests.web.visitor import Visitor

UNKNOWN = "/jobs/0198c1f0-6e1f-7c3a-9b1e-2f0c5a7d4e11"


@pytest.fixture
def hook(organization: Any) -> str:
    return webhook(organization.id)


@pytest.fixture
def ids(organization: Any, hook: str) -> list[str]:
    return [delivery(organization.id, hook) for _ in range(6)]


@pytest.fixture
def job(organization: Any, ids: list[str]) -> str:
    failed = DeliveryFilter(states=("failed",))
    return service.start_matching(organization.id, failed, SYSTEM, "resend").id


def change(model: Any, id_: str, **values: Any) -> None:
    with write_transaction() as session:
        row = session.get_one(model, id_)
        for name, value in values.items():
            setattr(row, name, value)


def failed_behind(number: int, organization_id: str, hook: str, job: str) -> str:
    """The id of a delivery that failed again, followed by so many that succeeded."""
    oldest = delivery(organization_id, hook)
    now = now_ms()
    shared = {"organization_id": organization_id, "webhook_id": hook, "job_id": job}
    about = {"attempts": 1, "created_at": now, "updated_at": now, "state": "succeeded"}
    event_id = event(organization_id)
    ids = [new_id() for _ in range(number)]
    with write_transaction() as session:
        session.get_one(Delivery, oldest).job_id = job
        for id_ in ids:
            session.add(Delivery(id=id_, event_id=event_id, **ABOUT, **about, **shared))
    change(Job, job, done=number)
    return oldest


def words(page: str) -> str:
    import re
    from html import unescape

    text = re.sub(r"<[^>]+>", " ", page.partition("<main")[2])
    return " ".join(unescape(text).split())


def test_the_page_counts_what_became_of_the_deliveries(
    owner: Visitor, ids: list[str], job: str
) -> None:
    running.run_all()
    for id_, state in zip(ids, ("succeeded", "succeeded", "failed"), strict=False):
        change(Delivery, id_, state=state)
    page = owner.get(f"/jobs/{job}")
    text = words(page.text)
    assert "Resend deliveries Completed" in text
    assert "6 deliveries queued for resend. About" in text
    assert "Succeeded 2 Failed again 1 Waiting 3 On hold 0" in text
    assert "Started by Callboard" in text
    assert "state=failed" in text
    assert 'hx-trigger="every 2s"' in page.text
    failed = owner.get(f"/deliveries?job_id={job}&state=failed").text
    assert failed.count('class="row-link') == 1
    assert ids[2] in failed


def test_what_failed_again_is_listed_however_busy_the_machine_is(
    owner: Visitor, organization: Any, hook: str, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.run_all()
    oldest = failed_behind(600, organization.id, hook, job)
    monkeypatch.setattr(pace, "FIRST_SECONDS", 0)
    page = owner.get(f"/jobs/{job}").text
    assert f'id="row-{oldest}"' in page.partition('id="again"')[2]


def test_what_failed_again_behind_many_others_is_a_link(
    owner: Visitor, organization: Any, hook: str, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.run_all()
    monkeypatch.setattr(job_pages, "EXAMINED", 5)
    failed_behind(6, organization.id, hook, job)
    section = owner.get(f"/jobs/{job}").text.partition('id="again"')[2]
    assert f'href="/deliveries?job_id={job}&amp;state=failed">View all' in section
    assert "None of the newest deliveries of this job." in section


def test_a_job_without_failures_has_no_section_for_them(
    owner: Visitor, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.run_all()
    monkeypatch.setattr(job_pages, "EXAMINED", 5)
    assert 'id="again"' not in owner.get(f"/jobs/{job}").text


def test_deliveries_of_a_paused_webhook_are_on_hold(owner: Visitor, hook: str, job: str) -> None:
    running.run_all()
    change(Webhook, hook, is_active=False)
    page = owner.get(f"/jobs/{job}").text
    assert "Waiting 0 On hold 6" in words(page)
    # Nothing moves until a person resumes the webhook.
    assert "hx-trigger" not in page.partition('id="job"')[2].partition(">")[0]


def test_an_unchanged_job_is_not_sent_again(owner: Visitor, job: str) -> None:
    import re

    page = owner.get(f"/jobs/{job}").text
    poll = re.search(r'hx-get="(/jobs/[^"]+)"', page)
    assert poll
    script = {"HX-Request": "true"}
    assert owner.get(poll[1], headers=script).status_code == 204
    running.run_all()
    assert owner.get(poll[1], headers=script).status_code == 200


def test_a_large_job_is_asked_for_less_often(owner: Visitor, job: str) -> None:
    change(Job, job, done=20_000)
    assert 'hx-trigger="every 8s"' in owner.get(f"/jobs/{job}").text


def test_a_job_is_stopped(owner: Visitor, job: str) -> None:
    response = owner.post(f"/jobs/{job}", f"/jobs/{job}/stop")
    assert response.location == f"/jobs/{job}"
    page = owner.get(response.location).text
    assert "Job stopped" in page
    assert ">Stop<" not in page
    again = owner.post(f"/jobs/{job}", f"/jobs/{job}/stop")
    assert "ended already" in owner.get(again.location).text


def test_a_stopped_job_promises_no_end(owner: Visitor, ids: list[str], job: str) -> None:
    running.run_all()
    change(Delivery, ids[0], state="succeeded")
    assert "About" in words(owner.get(f"/jobs/{job}").text)
    change(Job, job, state="stopped")
    text = words(owner.get(f"/jobs/{job}").text)
    assert "What was queued before the stop is still sent" in text
    assert "left" not in text


def test_a_failed_job_says_why(owner: Visitor, job: str) -> None:
    change(Job, job, arguments={"webhook_id": "x"})
    running.run_all()
    assert "Failed. An ID in its arguments cannot be read." in words(owner.get(f"/jobs/{job}").text)


def test_jobs_are_listed(owner: Visitor, job: str) -> None:
    page = owner.get("/jobs").text
    assert f'href="/jobs/{job}"' in page
    assert "Queued" in page
    assert 'href="/jobs"' in owner.get("/deliveries").text


def test_without_jobs_the_list_says_what_they_are(owner: Visitor) -> None:
    assert "No jobs yet" in owner.get("/jobs").text
    assert owner.get("/jobs?cursor=x").status_code == 422


def test_a_job_of_another_organization_is_not_found(owner: Visitor, organization: Any) -> None:
    other = organizations.create("Other")
    foreign = service.start_matching(other.id, DeliveryFilter(), SYSTEM, "cancel").id
    for path in (f"/jobs/{foreign}", UNKNOWN):
        page = owner.get(path)
        assert page.status_code == 404
        assert "belongs to another organization" in page.text
    assert owner.post("/deliveries", f"/jobs/{foreign}/stop").status_code == 404
    assert foreign not in owner.get("/jobs").text


def test_a_viewer_sees_a_job_but_cannot_stop_it(viewer: Visitor, job: str) -> None:
    page = viewer.get(f"/jobs/{job}").text
    assert "Resend deliveries" in page
    assert "/stop" not in page
    assert viewer.post("/deliveries", f"/jobs/{job}/stop").status_code == 403


def test_a_portal_visitor_sees_the_jobs(sqlite_app: Flask, organization: Any, job: str) -> None:
    guest = guest_of(sqlite_app, organization)
    base = f"/portal/{organization.id}"
    assert guest.get(f"{base}/jobs/{job}").status_code == 200
    assert f'href="{base}/jobs/{job}"' in guest.get(f"{base}/jobs").text


def test_too_many_jobs_are_refused_with_a_way_on(
    owner: Visitor, organization: Any, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.deliveries.bulk.PAGE", 2)
    for _ in range(10):
        service.start_matching(organization.id, DeliveryFilter(), SYSTEM, "resend")
    fields = {"confirmed": "yes", "scope": "matching"}
    response = owner.post("/deliveries", "/deliveries/resend?state=failed", **fields)
    assert "10 jobs are open" in owner.get(response.location).text
    assert now_ms()
