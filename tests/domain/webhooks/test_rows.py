import json
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.webhooks.rows import facts_from_row
from app.models import Webhook
from app.models.common.base import db
from app.runtime.context import runtime
from tests.services.publishing import webhook


@pytest.fixture
def row(organization: Any) -> Webhook:
    sealed = {
        name: runtime().vault.seal(f"{name} of ours")
        for name in ("api_key", "secret_token", "signing_secret", "previous_signing_secret")
    }
    webhook_row = webhook(
        organization.id,
        event_types=["a", "b"],
        headers=[["X-One", "1"]],
        success_statuses=["200-299", "404"],
        previous_signing_secret_until=1000,
        **sealed,
    )
    return db.session.get_one(Webhook, webhook_row)


def test_secrets_are_decrypted(row: Webhook) -> None:
    facts = facts_from_row(row.columns(), runtime().vault, 999)
    assert facts.secrets == ("signing_secret of ours", "previous_signing_secret of ours")
    assert (facts.secret_token, facts.body.api_key) == ("secret_token of ours", "api_key of ours")


def test_the_previous_secret_is_used_while_it_is_valid(row: Webhook) -> None:
    assert facts_from_row(row.columns(), runtime().vault, 1000).secrets == (
        "signing_secret of ours",
    )


def test_without_a_vault_secrets_are_left_out(row: Webhook) -> None:
    facts = facts_from_row(row.columns(), None, 0)
    assert (facts.secrets, facts.secret_token, facts.body.api_key) == ((), None, None)


def test_stored_documents_become_rules(row: Webhook) -> None:
    facts = facts_from_row(row.columns(), None, 0)
    assert facts.event_types == {"a", "b"}
    assert facts.sources is None
    assert facts.headers == (("X-One", "1"),)
    assert [facts.success.accepts(status) for status in (204, 404, 500)] == [True, True, False]
    assert facts.retry_policy.max_attempts == 4
    assert facts.honors_retry_after
    assert facts.disables_on_410


@pytest.mark.parametrize(
    ("stored", "honors"), [(None, True), (True, True), (False, False), (0, False)]
)
def test_a_webhook_can_override_whether_retry_after_is_honored(
    row: Webhook, stored: Any, honors: bool
) -> None:
    columns = {**row.columns(), "honors_retry_after": stored}
    assert facts_from_row(columns, None, 0).honors_retry_after is honors


def test_a_plain_row_gives_the_same_facts(row: Webhook) -> None:
    table: Any = Webhook.__table__
    mapping = dict(db.session.execute(select(table)).mappings().one())
    assert facts_from_row(mapping, runtime().vault, 0) == facts_from_row(
        row.columns(), runtime().vault, 0
    )
    documents = ("event_types", "sources", "headers", "success_statuses", "retry_policy")
    raw = mapping | {
        name: None if mapping[name] is None else json.dumps(mapping[name]) for name in documents
    }
    assert facts_from_row(raw, runtime().vault, 0) == facts_from_row(
        row.columns(), runtime().vault, 0
    )
