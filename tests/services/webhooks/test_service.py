from typing import Any

import pytest
from sqlalchemy import select

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, NotFound
from app.domain.common.ids import new_id
from app.models import AuditEntry, Organization, Webhook, WebhookState
from app.models.common.base import db
from app.runtime.context import runtime
from app.services.accounts import organizations
from app.services.accounts.actor import Actor
from app.services.events.publishing import publish, publish_batch
from app.services.webhooks import rotation
from app.services.webhooks import service as webhooks
from app.store.transaction import write_transaction
from tests.services.publishing import delivery_rows, draft, due_rows

ANNA = Actor("user", new_id(), "anna@example.com", "192.0.2.1")
URL = "http://127.0.0.1:9000/hook"


def created(organization: Any, **settings: Any) -> Webhook:
    return webhooks.create(organization.id, {"url": URL, **settings}, ANNA)


def fresh(webhook: Webhook) -> Webhook:
    return db.session.get_one(Webhook, webhook.id, populate_existing=True)


def version(organization: Any) -> int:
    row = db.session.get_one(Organization, organization.id, populate_existing=True)
    return row.webhooks_version


def entries() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def states() -> list[str]:
    return [row.state for row in delivery_rows()]


def test_a_new_webhook_has_its_presets_defaults_and_a_secret(organization: Any) -> None:
    row = fresh(created(organization, preset="encoding", api_key="key", name="Editing"))
    assert (row.url, row.name, row.body_format, row.is_active) == (URL, "Editing", "encoding", True)
    assert row.retry_policy == {"kind": "fixed", "interval_seconds": 3, "max_attempts": 4}
    assert runtime().vault.open(row.signing_secret).startswith("whsec_")
    assert runtime().vault.open_or_none(row.api_key) == "key"
    assert db.session.get(WebhookState, row.id) is not None


def test_all_errors_are_reported_at_once(sqlite_app: Any, organization: Any) -> None:
    with pytest.raises(Invalid) as caught:
        webhooks.create(organization.id, {"url": "x", "preset": "y", "ordered": 1}, ANNA)
    assert {error.field for error in caught.value.errors} == {"url", "preset", "ordered"}


def test_a_blocked_address_is_rejected(sqlite_app: Any, organization: Any) -> None:
    with pytest.raises(Invalid):
        webhooks.create(organization.id, {"url": "http://169.254.169.254/"}, ANNA)
    row = created(organization)
    with pytest.raises(Invalid):
        webhooks.update(organization.id, row.id, {"url": "http://10.0.0.1/"}, ANNA)


def test_a_webhook_needs_an_organization(app: Any) -> None:
    for once in (False, True):
        with pytest.raises(NotFound):
            webhooks.create(new_id(), {"url": URL, "once": once}, ANNA)


def test_every_change_makes_cached_copies_stale(organization: Any) -> None:
    row = created(organization)
    before, row_before = version(organization), fresh(row).version
    webhooks.update(organization.id, row.id, {"name": "x"}, ANNA)
    webhooks.pause(organization.id, row.id, ANNA)
    assert version(organization) == before + 2
    assert fresh(row).version == row_before + 2


def test_a_one_time_webhook_makes_no_cached_copy_stale(organization: Any) -> None:
    before = version(organization)
    row = created(organization, once=True, sources=["job-1"])
    assert (version(organization), row.once_source) == (before, "job-1")


def test_a_patch_changes_only_the_passed_fields(organization: Any) -> None:
    row = created(organization, name="x", description="y", secret_token="token")
    webhooks.update(organization.id, row.id, {"name": "z", "event_types": ["a"]}, ANNA)
    row = fresh(row)
    assert (row.name, row.description, row.event_types) == ("z", "y", ["a"])
    assert webhooks.secrets_of(organization.id, row.id).secret_token == "token"


def test_a_change_can_be_computed_from_the_current_webhook(organization: Any) -> None:
    row = created(organization, event_types=["a", "b"])

    def without_a(row: Webhook) -> dict[str, Any]:
        return {"event_types": [name for name in row.event_types if name != "a"]}

    changed = webhooks.update(organization.id, row.id, without_a, ANNA)
    assert changed.event_types == ["b"]
    with pytest.raises(Invalid):
        webhooks.update(organization.id, row.id, lambda _: {"url": "nonsense"}, ANNA)


def test_a_replacement_resets_everything_but_secrets(organization: Any) -> None:
    row = created(organization, name="x", description="y", secret_token="token", api_key="key")
    secret = webhooks.secrets_of(organization.id, row.id).current
    webhooks.update(organization.id, row.id, {"url": URL, "api_key": None}, ANNA, replace=True)
    row, secrets = fresh(row), webhooks.secrets_of(organization.id, row.id)
    assert (row.name, row.description) == ("", "")
    assert (secrets.current, secrets.secret_token, secrets.api_key) == (secret, "token", None)


def test_changing_the_signature_creates_a_fitting_secret(organization: Any) -> None:
    row = created(organization)
    webhooks.update(organization.id, row.id, {"signing": "v1a"}, ANNA)
    secrets = webhooks.secrets_of(organization.id, row.id)
    assert secrets.current.startswith("whsk_")
    assert secrets.public_key is not None
    webhooks.update(organization.id, row.id, {"signing": "none"}, ANNA)
    assert webhooks.secrets_of(organization.id, row.id) == secrets


def test_a_rotated_secret_overlaps_with_the_previous_one(organization: Any) -> None:
    row = created(organization)
    former = webhooks.secrets_of(organization.id, row.id).current
    now = now_ms()
    made_secret = rotation.rotate_secret(organization.id, row.id, ANNA, 60)
    secrets = webhooks.secrets_of(organization.id, row.id)
    assert (secrets.current, secrets.previous) == (made_secret, former)
    assert secrets.previous_until is not None
    assert 0 <= secrets.previous_until - now - 60_000 < 5_000
    rotation.rotate_secret(organization.id, row.id, ANNA, 0)
    assert webhooks.secrets_of(organization.id, row.id).previous is None


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("secret", {"secret": "nonsense"}),
        ("secret", {"secret": "whsk_" + "A" * 43 + "="}),
        ("overlap_seconds", {"overlap_seconds": -1}),
        ("overlap_seconds", {"overlap_seconds": 2_592_001}),
    ],
)
def test_an_invalid_rotation_is_rejected(
    sqlite_app: Any, organization: Any, field: str, fields: dict[str, Any]
) -> None:
    row = created(organization)
    with pytest.raises(Invalid) as caught:
        rotation.rotate_secret(organization.id, row.id, ANNA, **fields)
    assert caught.value.errors[0].field == field


def test_pausing_keeps_queued_deliveries_and_skips_new_events(organization: Any) -> None:
    row = created(organization)
    publish(organization.id, draft())
    webhooks.pause(organization.id, row.id, ANNA)
    publish(organization.id, draft())
    assert states() == ["pending", "skipped"]
    webhooks.resume(organization.id, row.id, ANNA)
    publish(organization.id, draft())
    assert states() == ["pending", "skipped", "pending"]
    assert len(due_rows()) == 2


def test_resuming_clears_the_reason_for_disabling(organization: Any) -> None:
    row = created(organization)
    with write_transaction() as session:
        stored = session.get_one(Webhook, row.id)
        stored.is_active, stored.disabled_reason, stored.disabled_at = False, "It was gone.", 1
        state = session.get_one(WebhookState, row.id)
        state.failing_since, state.window = 1, 1.0
    webhooks.resume(organization.id, row.id, ANNA)
    row = fresh(row)
    state = db.session.get_one(WebhookState, row.id, populate_existing=True)
    assert (row.is_active, row.disabled_reason, row.disabled_at) == (True, None, None)
    assert (state.failing_since, state.window) == (None, None)


def test_deleting_a_webhook_cancels_its_open_deliveries(organization: Any) -> None:
    row, other = created(organization), created(organization)
    publish(organization.id, draft())
    webhooks.delete(organization.id, row.id, ANNA)
    assert sorted(states()) == ["cancelled", "pending"]
    assert [due.webhook_id for due in due_rows()] == [other.id]
    assert [delivery.webhook_id for delivery in publish(organization.id, draft()).deliveries] == [
        other.id
    ]
    with pytest.raises(NotFound):
        webhooks.delete(organization.id, row.id, ANNA)


def test_ordering_a_webhook_leaves_one_head_for_each_key(organization: Any) -> None:
    row = created(organization)
    publish_batch(organization.id, [draft(source=s) for s in "abaab"])
    webhooks.update(organization.id, row.id, {"ordered": True}, ANNA)
    publish_batch(organization.id, [draft(source=s) for s in "bc"])
    rows = [(due.ordering_key, due.head) for due in due_rows()]
    assert rows == [(s, n in (0, 1, 6)) for n, s in enumerate("abaabbc")]
    webhooks.update(organization.id, row.id, {"ordered": False}, ANNA)
    assert {(due.ordering_key, due.head) for due in due_rows()} == {(None, True)}


def test_another_organizations_webhook_is_not_found(organization: Any) -> None:
    other = organizations.create("Other")
    row = created(organization)
    for verb in (
        lambda: webhooks.update(other.id, row.id, {"name": "x"}, ANNA),
        lambda: webhooks.delete(other.id, row.id, ANNA),
        lambda: webhooks.pause(other.id, row.id, ANNA),
        lambda: rotation.rotate_secret(other.id, row.id, ANNA),
        lambda: webhooks.secrets_of(other.id, row.id),
    ):
        with pytest.raises(NotFound):
            verb()


def test_changes_are_audited_without_secrets(organization: Any) -> None:
    row = created(organization, api_key="topsecret", secret_token="topsecret")
    webhooks.update(organization.id, row.id, {"name": "x", "api_key": "topsecret2"}, ANNA)
    rotation.rotate_secret(organization.id, row.id, ANNA)
    webhooks.delete(organization.id, row.id, ANNA)
    audited = [entry for entry in entries() if entry.action.startswith("webhook.")]
    assert [entry.action for entry in audited] == [
        "webhook.create",
        "webhook.update",
        "webhook.rotate_secret",
        "webhook.delete",
    ]
    assert audited[1].before == {"name": ""}
    assert audited[1].after == {"name": "x", "api_key": "(changed)"}
    assert {entry.actor_name for entry in audited} == {"anna@example.com"}
    assert "topsecret" not in str([(entry.before, entry.after) for entry in audited])
