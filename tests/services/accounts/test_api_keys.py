from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid, NotFound
from app.domain.common.ids import new_id
from app.models import ApiKey, AuditEntry
from app.models.common.base import db
from app.runtime.context import runtime, runtime_of
from app.services.accounts import api_keys, organizations
from app.services.accounts.actor import SYSTEM
from app.services.accounts.key_usage import KeyUsage
from app.store.transaction import write_transaction

PLATFORM = "a-platform-key-from-outside"


def expire(key_id: str) -> None:
    with write_transaction() as session:
        row = session.get(ApiKey, key_id)
        assert row
        row.expires_at = now_ms() - 1


def test_a_key_authenticates_its_organization(app: Flask, organization: Any, api_key: Any) -> None:
    for principal in (
        api_keys.authenticate(api_key.key),
        api_keys.authenticate_pair(api_key.id, api_key.secret),
        api_keys.authenticate_pair(api_key.id.upper(), api_key.secret),
        api_keys.authenticate_pair(api_key.key, ""),
        api_keys.authenticate_pair("", api_key.key),
    ):
        assert principal is not None
        assert (principal.kind, principal.organization_id) == ("api_key", organization.id)
        assert principal.allows("events:write")


def test_only_a_hash_of_the_secret_is_stored(app: Flask, api_key: Any) -> None:
    row = db.session.get(ApiKey, api_key.id)
    assert row is not None
    assert api_key.secret not in " ".join(str(value) for value in vars(row).values())
    assert row.prefix == api_key.key[:24]
    assert api_key.key == f"cb_{api_key.id.replace('-', '')}_{api_key.secret}"


@pytest.mark.parametrize(
    "credential",
    [
        *("", "cb_", "cb__", "nonsense", "\ud800", "cb_" + "0" * 32 + "_x", "x" * 100_000),
        *("cb_" + "g" * 32 + "_x", "cb_" + "0" * 32 + "_\x00", "ключ"),
    ],
)
def test_a_malformed_key_is_rejected(sqlite_app: Flask, credential: str) -> None:
    assert api_keys.authenticate(credential) is None
    assert api_keys.authenticate_pair(credential, credential) is None


def test_a_wrong_secret_is_rejected(app: Flask, api_key: Any) -> None:
    wrong = api_key.secret[:-1] + ("a" if api_key.secret[-1] != "a" else "b")
    assert api_keys.authenticate(api_key.key[:-1] + wrong[-1]) is None
    assert api_keys.authenticate_pair(api_key.id, wrong) is None
    assert api_keys.authenticate_pair(api_key.id, "") is None
    assert api_keys.authenticate_pair(new_id(), api_key.secret) is None


def test_a_revoked_key_is_rejected(app: Flask, organization: Any, api_key: Any) -> None:
    api_keys.revoke(organization.id, api_key.id, SYSTEM)
    assert api_keys.authenticate(api_key.key) is None
    assert api_keys.was_revoked(api_key.key)


def test_an_expired_key_is_rejected(app: Flask, api_key: Any) -> None:
    expire(api_key.id)
    assert api_keys.authenticate(api_key.key) is None


def test_another_organizations_key_cannot_be_revoked(app: Flask, api_key: Any) -> None:
    other = organizations.create("Other")
    for organization_id in (other.id, None):
        with pytest.raises(NotFound):
            api_keys.revoke(organization_id, api_key.id, SYSTEM)
    assert api_keys.authenticate(api_key.key)


def test_scopes_restrict_a_key(app: Flask, organization: Any) -> None:
    created = api_keys.create(organization.id, "narrow", ["deliveries:read"], actor=SYSTEM)
    principal = api_keys.authenticate(created.key)
    assert principal is not None
    assert principal.scopes == ("deliveries:read",)
    assert not principal.allows("events:write")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "a\x00b"},
        {"name": None},
        {"scopes": []},
        {"scopes": ["events:read"]},
        {"scopes": "events:write"},
        {"expires_at": "yesterday"},
        {"expires_at": 1},
    ],
)
def test_a_key_with_invalid_fields_is_rejected(
    sqlite_app: Flask, organization: Any, wrong: dict[str, object]
) -> None:
    fields: dict[str, Any] = {"name": "ok", "scopes": None, "expires_at": None} | wrong
    with pytest.raises(Invalid) as caught:
        api_keys.create(organization.id, **fields, actor=SYSTEM)
    assert caught.value.errors[0].field.partition("[")[0] == next(iter(wrong))


def test_a_key_needs_an_organization(app: Flask) -> None:
    with pytest.raises(NotFound):
        api_keys.create(new_id(), "stray", actor=SYSTEM)


def test_a_stored_platform_key_is_valid_for_all_organizations(app: Flask) -> None:
    created = api_keys.create(None, "operator", actor=SYSTEM)
    principal = api_keys.authenticate(created.key)
    assert principal is not None
    assert (principal.kind, principal.organization_id) == ("platform", None)


def test_the_platform_key_from_the_environment_is_accepted(sqlite_app: Flask) -> None:
    known = runtime_of(sqlite_app).settings
    runtime_of(sqlite_app).settings = replace(known, platform_api_key=PLATFORM)
    for principal in (api_keys.authenticate(PLATFORM), api_keys.authenticate_pair("", PLATFORM)):
        assert principal is not None
        assert (principal.kind, principal.key_id) == ("platform", None)
    assert api_keys.authenticate(PLATFORM[:-1]) is None


def last_use_after_authenticating(key: Any) -> int | None:
    assert api_keys.authenticate(key.key)
    # The write comes from elsewhere; what this session saw before must not hide it.
    db.session.rollback()
    runtime().key_usage.write()
    row = db.session.get(ApiKey, key.id, populate_existing=True)
    assert row is not None
    return row.last_used_at


def test_the_last_use_is_recorded_once_a_minute(app: Flask, api_key: Any) -> None:
    first = last_use_after_authenticating(api_key)
    assert first is not None
    assert last_use_after_authenticating(api_key) == first


def test_another_process_does_not_record_it_again(app: Flask, api_key: Any) -> None:
    first = last_use_after_authenticating(api_key)
    runtime_of(app).key_usage = KeyUsage(app)
    assert last_use_after_authenticating(api_key) == first


def test_creating_and_revoking_are_audited(app: Flask, organization: Any, api_key: Any) -> None:
    api_keys.revoke(organization.id, api_key.id, SYSTEM)
    api_keys.revoke(organization.id, api_key.id, SYSTEM)
    entries = db.session.query(AuditEntry).filter_by(subject_id=api_key.id).all()
    assert sorted(entry.action for entry in entries) == ["api_key.create", "api_key.revoke"]
    assert api_key.secret not in str([vars(entry) for entry in entries])
