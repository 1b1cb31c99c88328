"""The key that encrypted the database, and its rotation, on both databases."""

import socket
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.domain.deliveries import sealing
from app.factory import create_core
from app.models import Attempt, DeliveryBody, Installation, Organization, Webhook
from app.models.common.base import db
from app.queries.maintenance import installation as installation_queries
from app.runtime.context import runtime_of
from app.runtime.vault import Vault
from app.services.deliveries.sent_requests import OPENED
from app.services.maintenance import key_rotation, secret_key, start
from app.store.transaction import write_transaction
from tests.conftest import settings_for
from tests.services.publishing import webhook
from tests.support.databases import SECRET_KEY

NEW, OTHER = "a-new-secret-key-for-tests-0123456789", "another-key-for-tests-0123456789-abc"
ID = "0190a7f0-0000-7000-8000-000000000001"


def use(app: Flask, *keys: str) -> Vault:
    """Continue as a process that was started with these keys, the current one first."""
    vault = Vault(keys[0], keys[1:])
    runtime_of(app).vault = vault
    return vault


def rotate() -> dict[str, tuple[int, int]]:
    """Resealed and unreadable secrets by table, where there were any."""
    counts = {table.name: (table.resealed, table.unreadable) for table in key_rotation.rotate()}
    return {name: count for name, count in counts.items() if any(count)}


def record_attempt(organization_id: str, webhook_id: str, vault: Vault) -> None:
    """An attempt whose URL, head and body contain secrets of the receiver."""
    token = sealing.Seals(vault.open, ((b"s3cret", b"\x02" + vault.seal("s3cret") + b"\x03"),))
    with write_transaction() as session:
        session.add(DeliveryBody(delivery_id=ID, content_type="x", body=token.put(b"k=s3cret&a=1")))
        session.add(
            Attempt(
                organization_id=organization_id,
                webhook_id=webhook_id,
                delivery_id=ID,
                number=1,
                started_at=1,
                cause="ok",
                url=token.put_in_url("https://example.com/?k=s3cret"),
                request_head=token.put(b"POST / HTTP/1.1\r\nX-Token: s3cret\r\n\r\n"),
                total_us=1,
            )
        )


def test_the_first_start_records_the_key(app: Flask) -> None:
    secret_key.record_or_check()
    secret_key.record_or_check()
    row = db.session.scalars(db.select(Installation)).one()
    assert row.key_fingerprint == Vault(SECRET_KEY).fingerprint
    assert Vault(SECRET_KEY).open(row.canary) == secret_key.CANARY


def test_another_key_is_refused_with_both_fingerprints(app: Flask) -> None:
    secret_key.record_or_check()
    use(app, OTHER)
    with pytest.raises(secret_key.WrongSecretKey) as raised:
        secret_key.check()
    expected, actual = Vault(SECRET_KEY).fingerprint, Vault(OTHER).fingerprint
    assert str(raised.value) == (
        f"SECRET_KEY does not match the database: it was encrypted with key {expected}, this is"
        f" {actual}. Set SECRET_KEY to that key, or add it to SECRET_KEY_PREVIOUS."
    )
    use(app, OTHER, SECRET_KEY)
    secret_key.check()


def test_an_older_database_that_has_not_recorded_its_key_is_checked_too(
    app: Flask, organization: Any
) -> None:
    use(app, OTHER)
    with pytest.raises(secret_key.WrongSecretKey, match="encrypted with another key"):
        secret_key.record_or_check()
    assert installation_queries.row() is None


@pytest.mark.parametrize("is_listening", [False, True])
def test_a_process_starts_while_the_database_is_unavailable_or_hangs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_listening: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1] if is_listening else 1
        url = f"postgresql://nobody@127.0.0.1:{port}/nothing"
        app = create_core(settings_for(url, "redis://127.0.0.1:1", tmp_path))
        start.check_at_start(app, seconds=0.5 if is_listening else 10)
    assert "SECRET_KEY are not checked" in caplog.text


def test_every_secret_opens_with_the_new_key_alone_after_a_rotation(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    secret_key.record_or_check()
    token = Vault(SECRET_KEY).seal("tok")
    webhook_ids = [webhook(organization.id, secret_token=token) for _ in range(5)]
    record_attempt(organization.id, webhook_ids[0], Vault(SECRET_KEY))
    use(app, NEW, SECRET_KEY)
    counts = {"organizations": (1, 0), "webhooks": (10, 0)}
    assert rotate() == counts | {"delivery_bodies": (1, 0), "attempts": (2, 0)}

    vault = use(app, NEW)
    secret_key.check()
    assert vault.open(db.session.get_one(Organization, organization.id).callback_secret or b"")
    for webhook_id in webhook_ids:
        row = db.session.get_one(Webhook, webhook_id)
        assert vault.open(row.signing_secret).startswith("whsec_")
        assert vault.open_or_none(row.secret_token) == "tok"
    attempt = db.session.scalars(db.select(Attempt)).one()
    assert OPENED.url(attempt.url) == "https://example.com/?k=s3cret"
    opened = OPENED.head(attempt.request_head)
    assert opened == b"POST / HTTP/1.1\r\nX-Token: s3cret\r\n\r\n"
    body = sealing.Seals(vault.open)
    assert body.take_out(db.session.scalars(db.select(DeliveryBody.body)).one()) == b"k=s3cret&a=1"

    use(app, SECRET_KEY)
    with pytest.raises(secret_key.WrongSecretKey):
        secret_key.check()


def test_an_interrupted_rotation_continues_and_a_repeated_one_changes_nothing(
    app: Flask, organization: Any
) -> None:
    secret_key.record_or_check()
    webhook(organization.id)
    use(app, NEW, SECRET_KEY)
    first = next(progress for progress in key_rotation.rotate() if progress.rows)
    assert (first.name, first.resealed) == ("organizations", 1)
    # The old key is still needed, and the start says so.
    use(app, NEW)
    with pytest.raises(secret_key.WrongSecretKey):
        secret_key.check()
    use(app, NEW, SECRET_KEY)
    assert rotate() == {"webhooks": (1, 0)}
    assert rotate() == {}


def test_a_secret_that_no_key_decrypts_is_counted_and_unchanged(
    app: Flask, organization: Any
) -> None:
    secret_key.record_or_check()
    webhook_id = webhook(organization.id)
    damaged = Vault(OTHER).seal("x")
    with write_transaction() as session:
        session.get_one(Webhook, webhook_id).signing_secret = damaged
    use(app, NEW, SECRET_KEY)
    assert rotate() == {"organizations": (1, 0), "webhooks": (0, 1)}
    assert db.session.get_one(Webhook, webhook_id).signing_secret == damaged
    use(app, NEW)
    secret_key.check()


def test_a_secret_that_changes_meanwhile_keeps_its_change(
    app: Flask, organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret_key.record_or_check()
    webhook_id = webhook(organization.id)
    vault = use(app, NEW, SECRET_KEY)
    read = installation_queries.sealed_rows

    def read_before_a_change(table: Any, *arguments: Any) -> Any:
        rows = read(table, *arguments)
        if table.name == "webhooks" and rows:
            with write_transaction() as session:
                session.get_one(Webhook, webhook_id).signing_secret = vault.seal("whsec_later")
        return rows

    monkeypatch.setattr(installation_queries, "sealed_rows", read_before_a_change)
    rotate()
    assert vault.open(db.session.get_one(Webhook, webhook_id).signing_secret) == "whsec_later"


def test_every_encrypted_column_is_rotated() -> None:
    secrets = [
        "signing_secret",
        "previous_signing_secret",
        "api_key",
        "secret_token",
        "secret_headers",
        "authentication",
        "client_certificate",
        "ca_certificates",
    ]
    columns = {name: sorted(columns) for name, columns in key_rotation.sealed_columns().items()}
    assert columns["webhooks"] == sorted(secrets)
    assert columns["organizations"] == ["callback_secret", "previous_callback_secret"]
