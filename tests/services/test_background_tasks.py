"""Background tasks continue after the process that started them was stopped."""

from typing import Any

from sqlalchemy import update

from app.models import BackgroundTask
from app.queries import background_tasks as task_queries
from app.services.accounts.actor import SYSTEM
from app.services.background_tasks import kinds, service
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.web import records


def test_a_task_that_was_cut_off_is_finished_by_a_worker(app: Any, organization: Any) -> None:
    fields = {"url": "https://receiver.example.com/"}
    webhook_id = webhooks.create(organization.id, fields, SYSTEM).id
    terms = {"webhook_id": webhook_id, "since": 0, "until": None}
    row = service.start(organization.id, kinds.RECOVER, terms, SYSTEM)
    assert (row.state, row.result["number"]) == ("finished", 0)
    for _ in range(3):
        records.delivery(organization.id, webhook_id)
    with write_transaction() as session:
        session.execute(update(BackgroundTask).values(state="running", updated_at=0, result={}))
    service.carry_on()
    continued = task_queries.get(organization.id, row.id)
    assert continued is not None
    assert (continued.state, continued.result["number"]) == ("finished", 3)


def test_a_task_about_a_deleted_webhook_fails_with_the_reason(app: Any, organization: Any) -> None:
    terms = {"webhook_id": organization.id, "since": 0, "until": None}
    row = service.start(organization.id, kinds.SEND_MISSED, terms, SYSTEM)
    assert (row.state, row.result["error"]) == ("failed", "Not found")
