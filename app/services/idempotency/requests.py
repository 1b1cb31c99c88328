"""Run a request of the API once for each Idempotency-Key, and repeat its response for a day.

The key is claimed before the request runs, and gets the response after it. A process that ends in
between leaves a claim without a response: nobody knows whether the request had an effect, so
repeats get a Conflict until the claim expires.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.common.clock import now_ms
from app.domain.common.errors import Conflict, QuotaExceeded
from app.models import IdempotentRequest
from app.queries import idempotency as idempotency_queries
from app.runtime.context import runtime
from app.services.maintenance.periodic import PeriodicTask
from app.store.sessions import WriteSession
from app.store.transaction import write_transaction

KEPT_MS = 24 * 3600 * 1000
# A request without a response that is older than this was cut off, and may be sent again.
ABANDONED_MS = 10 * 60 * 1000
# Of one API key within a day: with a large response each, about a gigabyte.
MAX_KEYS = 10_000
# Longer responses are not kept; the largest, a webhook with all its settings, is a third of it.
MAX_RESPONSE = 1 << 20
BATCH = 500

OTHER_REQUEST = "This Idempotency-Key was used for a request with another body."
IN_PROGRESS = (
    "A request with this Idempotency-Key has not ended yet, or was cut off. Check whether it took"
    " effect, or retry in ten minutes."
)


@dataclass(frozen=True, slots=True)
class Key:
    """api_key_id: None for the platform key of the environment. scope: what the key is for, such as
    method, path and organization. request: the query and the body, which a repeat must equal."""

    api_key_id: str | None
    scope: tuple[str, ...]
    name: str
    request: bytes

    @property
    def digest(self) -> str:
        parts = (self.api_key_id or "", *self.scope, self.name)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.request).hexdigest()


def once(key: Key, run: Callable[[], str]) -> tuple[str, bool]:
    """Return the response of `run`, and whether it is that of an earlier request. An error of `run`
    frees the key. Conflict: the key is taken by another request. QuotaExceeded: too many keys."""
    earlier = _claim(key)
    if earlier is not None:
        return earlier, True
    try:
        response = run()
    except BaseException:
        _free(key)
        raise
    _keep(key, response)
    return response, False


def _claim(key: Key) -> str | None:
    """The earlier response; None: this request claimed the key."""
    now = now_ms()
    with write_transaction() as session:
        session.execute(delete(IdempotentRequest).where(*_expired(key, now)))
        row = session.get(IdempotentRequest, key.digest)
        if row is not None:
            return _response_of(row, key)
        if idempotency_queries.count(key.api_key_id, MAX_KEYS) >= MAX_KEYS:
            raise QuotaExceeded(
                f"This API key has used {MAX_KEYS:,} values of Idempotency-Key within 24 hours."
                " Send the request without one, or with another API key."
            )
        if not _insert(session, key, now):
            raise Conflict(IN_PROGRESS)
        return None


def _response_of(row: IdempotentRequest, key: Key) -> str:
    if row.fingerprint != key.fingerprint:
        raise Conflict(OTHER_REQUEST)
    if row.response is None:
        raise Conflict(IN_PROGRESS)
    return runtime().vault.open(row.response)


def _insert(session: WriteSession, key: Key, now: int) -> bool:
    """Returns False if a concurrent request was first."""
    insert = sqlite.insert if session.connection().dialect.name == "sqlite" else postgresql.insert
    statement = insert(IdempotentRequest).values(
        digest=key.digest,
        fingerprint=key.fingerprint,
        api_key_id=key.api_key_id,
        created_at=now,
    )
    returned = statement.on_conflict_do_nothing().returning(IdempotentRequest.digest)
    return session.scalar(returned) is not None


def _expired(key: Key, now: int) -> tuple[ColumnElement[bool], ...]:
    is_cut_off = IdempotentRequest.response.is_(None)
    oldest = IdempotentRequest.created_at < now - KEPT_MS
    abandoned = is_cut_off & (IdempotentRequest.created_at < now - ABANDONED_MS)
    return IdempotentRequest.digest == key.digest, oldest | abandoned


def _free(key: Key) -> None:
    with write_transaction() as session:
        session.execute(delete(IdempotentRequest).where(IdempotentRequest.digest == key.digest))


def _keep(key: Key, response: str) -> None:
    if len(response) > MAX_RESPONSE:
        _free(key)
        return
    with write_transaction() as session:
        session.execute(
            update(IdempotentRequest)
            .where(IdempotentRequest.digest == key.digest)
            .values(response=runtime().vault.seal(response))
        )


def expire(_: float) -> bool:
    """Delete a batch of what is older than a day. Returns whether there may be more."""
    digests = idempotency_queries.older_than(now_ms() - KEPT_MS, BATCH)
    if digests:
        with write_transaction() as session:
            session.execute(delete(IdempotentRequest).where(IdempotentRequest.digest.in_(digests)))
    return len(digests) == BATCH


EXPIRING = PeriodicTask("expiring idempotency keys", 60.0, expire)
