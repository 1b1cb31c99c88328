"""Create and rename organizations, and manage the secret that signs their one-off callbacks."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.domain.accounts.fields import check_id, check_name
from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict
from app.domain.common.ids import new_id
from app.domain.webhooks import signing
from app.models import Organization
from app.queries.accounts import users as accounts
from app.runtime.context import runtime
from app.services.accounts.actor import SYSTEM, Actor
from app.services.accounts.locking import lock_organization
from app.services.audit import log as audit
from app.services.webhooks.callback_targets import copy_secret
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

DAY_SECONDS = 86_400
OWNER_FIRST = "Set up two-factor authentication for your own account first."
UID_TAKEN = "Another organization has this uid."
TAKEN = "An organization with this id already exists."


def create(
    name: object,
    id: object = None,  # noqa: A002
    actor: Actor = SYSTEM,
    *,
    uid: str | None = None,
    metadata: dict[str, str] | None = None,
) -> Organization:
    """id: a UUID chosen by the caller, or None. uid: the caller's own id, checked. Invalid.
    Conflict: an id is taken."""
    checked, new_organization_id = check_name(name), new_id() if id is None else check_id(id)
    try:
        with write_transaction() as session:
            if session.get(Organization, new_organization_id) is not None:
                raise Conflict(TAKEN)
            _check_free(uid, new_organization_id)
            row = add(session, checked, new_organization_id, actor)
            row.uid, row.meta = uid, metadata or None
            session.flush()
            return row
    except IntegrityError:
        # A concurrent request created it first.
        raise Conflict(TAKEN) from None


def add(session: WriteSession, name: str, id: str, actor: Actor) -> Organization:  # noqa: A002
    """Like `create`, in the caller's transaction and with checked values."""
    secret = signing.new_secret("v1")
    organization = Organization(
        id=id, name=name, created_at=now_ms(), callback_secret=runtime().vault.seal(secret)
    )
    session.add(organization)
    session.flush()
    audit.record(session, id, actor, "organization.create", id, after={"name": name})
    return organization


def rename(organization_id: str, name: object, actor: Actor) -> Organization:
    checked = check_name(name)
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        _set_name(session, organization, checked, actor)
    return organization


def _set_name(session: WriteSession, organization: Organization, name: str, actor: Actor) -> None:
    before, after = {"name": organization.name}, {"name": name}
    organization.name = name
    action, id_ = "organization.update", organization.id
    audit.record(session, id_, actor, action, id_, before=before, after=after)


def update(
    organization_id: str,
    actor: Actor,
    *,
    name: object,
    uid: str | None,
    metadata: dict[str, str] | None,
) -> Organization:
    """uid: checked. Invalid, NotFound. Conflict: another organization has the uid."""
    checked = check_name(name)
    try:
        with write_transaction() as session:
            row = lock_organization(session, organization_id)
            _check_free(uid, organization_id)
            before = _identity(row)
            row.name, row.uid, row.meta = checked, uid, metadata or None
            session.flush()
            action = "organization.update"
            after = _identity(row)
            audit.record(
                session, organization_id, actor, action, organization_id, before=before, after=after
            )
    except IntegrityError:
        raise Conflict(UID_TAKEN) from None
    return row


def _check_free(uid: str | None, organization_id: str) -> None:
    holder = None if uid is None else accounts.organization_by_uid(uid)
    if holder is not None and holder.id != organization_id:
        raise Conflict(UID_TAKEN)


def _identity(row: Organization) -> dict[str, object]:
    return {"name": row.name, "uid": row.uid, "metadata": row.meta}


def require_two_factor(organization_id: str, user_id: str, actor: Actor, *, required: bool) -> None:
    """Whether members need two-factor authentication to open the organization. Conflict: the owner
    who requires it has not set it up, and would be locked out with the others."""
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        owner = accounts.user(user_id)
        if required and (owner is None or not owner.has_two_factor):
            raise Conflict(OWNER_FIRST)
        _set_two_factor(session, organization, actor, required=required)


def change(organization_id: str, changes: Mapping[str, Any], actor: Actor) -> Organization:
    """By the operator, who is not locked out: owners without a second factor are asked to set one
    up, too. changes: checked values of `name`, `uid`, `requires_two_factor` and `indexes_values`.
    Conflict: another organization has the uid."""
    try:
        with write_transaction() as session:
            organization = lock_organization(session, organization_id)
            if "name" in changes:
                _set_name(session, organization, changes["name"], actor)
            if "uid" in changes:
                _set_uid(session, organization, changes["uid"], actor)
            if "requires_two_factor" in changes:
                required = changes["requires_two_factor"]
                _set_two_factor(session, organization, actor, required=required)
            if "indexes_values" in changes:
                _set_index(session, organization, actor, is_on=changes["indexes_values"])
            return organization
    except IntegrityError:
        raise Conflict(UID_TAKEN) from None


def _set_uid(
    session: WriteSession, organization: Organization, uid: str | None, actor: Actor
) -> None:
    _check_free(uid, organization.id)
    before, organization.uid = {"uid": organization.uid}, uid
    session.flush()
    action, id_ = "organization.update", organization.id
    audit.record(session, id_, actor, action, id_, before=before, after={"uid": uid})


def _set_two_factor(
    session: WriteSession, organization: Organization, actor: Actor, *, required: bool
) -> None:
    before = {"requires_two_factor": bool(organization.requires_two_factor)}
    organization.requires_two_factor = required
    after = {"requires_two_factor": required}
    action, id_ = "organization.update", organization.id
    audit.record(session, id_, actor, action, id_, before=before, after=after)


def index_values(organization_id: str, actor: Actor, *, is_on: bool) -> None:
    """Whether new events can be found by values of their payload. What is indexed stays so until
    its payload is deleted."""
    with write_transaction() as session:
        _set_index(session, lock_organization(session, organization_id), actor, is_on=is_on)


def _set_index(
    session: WriteSession, organization: Organization, actor: Actor, *, is_on: bool
) -> None:
    before = {"indexes_values": organization.indexes_values is not False}
    organization.indexes_values = is_on
    action, id_ = "organization.update", organization.id
    audit.record(session, id_, actor, action, id_, before=before, after={"indexes_values": is_on})


def callback_secret(organization_id: str) -> str:
    """The current secret, created if there is none."""
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        if organization.callback_secret is None:
            organization.callback_secret = runtime().vault.seal(signing.new_secret("v1"))
        return runtime().vault.open(organization.callback_secret)


def reveal_callback_secret(organization_id: str, actor: Actor) -> str:
    """Like `callback_secret`, with an entry in the audit log."""
    secret = callback_secret(organization_id)
    with write_transaction() as session:
        audit.record(session, organization_id, actor, "organization.reveal_secret", organization_id)
    return secret


def rotate_callback_secret(
    organization_id: str, actor: Actor, overlap_seconds: int = DAY_SECONDS
) -> str:
    """Returns the new secret. The previous one stays valid for `overlap_seconds`."""
    secret = signing.new_secret("v1")
    with write_transaction() as session:
        organization = lock_organization(session, organization_id)
        organization.previous_callback_secret = organization.callback_secret
        organization.previous_callback_secret_until = now_ms() + overlap_seconds * 1000
        organization.callback_secret = runtime().vault.seal(secret)
        copy_secret(session, organization)
        # Makes cached copies of the callback targets stale.
        organization.webhooks_version += 1
        audit.record(
            session,
            organization_id,
            actor,
            "organization.rotate_secret",
            organization_id,
            after={"overlap_seconds": overlap_seconds},
        )
    return secret
