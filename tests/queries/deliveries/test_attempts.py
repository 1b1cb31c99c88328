from typing import Any

import pytest
from sqlalchemy import inspect

from app.domain.common.ids import new_id
from app.models import Attempt
from app.queries.deliveries import attempts
from app.services.accounts import organizations
from app.store.transaction import write_transaction


@pytest.fixture
def delivery_id(organization: Any) -> str:
    """With attempts 1 to 4."""
    id_ = new_id()
    with write_transaction() as session:
        for number in (2, 1, 4, 3):
            session.add(
                Attempt(
                    organization_id=organization.id,
                    webhook_id=new_id(),
                    delivery_id=id_,
                    number=number,
                    started_at=number,
                    cause="ok",
                    url="https://example.com",
                    request_head=b"GET / HTTP/1.1",
                    response_body=b"x" * 100,
                    total_us=1,
                )
            )
    return id_


def test_summaries_are_the_latest_attempts_in_order(
    organization: Any, delivery_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "SHOWN", 2)
    last = attempts.summaries(organization.id, delivery_id)
    before = attempts.summaries(organization.id, delivery_id, 3)
    assert [row.number for row in last] == [3, 4]
    assert [row.number for row in before] == [1, 2]


def test_summaries_leave_out_headers_and_bodies(organization: Any, delivery_id: str) -> None:
    [*_, line] = attempts.summaries(organization.id, delivery_id)
    assert {"stored_head", "response_head", "response_body"} <= inspect(line).unloaded
    whole = attempts.get(organization.id, delivery_id, 4)
    assert whole is not None
    assert (whole.request_head, whole.response_body) == (b"GET / HTTP/1.1", b"x" * 100)


def test_another_organizations_attempts_are_not_found(organization: Any, delivery_id: str) -> None:
    other = organizations.create("Other")
    assert attempts.summaries(other.id, delivery_id) == []
    assert attempts.get(other.id, delivery_id, 1) is None
