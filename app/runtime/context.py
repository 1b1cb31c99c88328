"""Hold what all code of one process shares, in one typed object."""

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol

import redis
from cachetools import LRUCache
from flask import Flask, current_app
from jinja2 import Environment

from app.domain.addresses.guard import AddressGuard
from app.runtime.assets import Assets
from app.runtime.background import BackgroundThreads
from app.runtime.configuration.settings import Settings
from app.runtime.database_state import DatabaseState
from app.runtime.limits.api_keys import RateLimiter
from app.runtime.limits.bytes_held import BytesHeld
from app.runtime.limits.sign_in import SignInLimiter
from app.runtime.limits.slots import Slots
from app.runtime.look_up_cache import LookUpCache
from app.runtime.relaying.topics import Topics
from app.runtime.sandbox.places import new_places, new_schema_places
from app.runtime.sandbox.pool import SandboxOfProcess
from app.runtime.tracing.spans import Tracing
from app.runtime.vault import Vault
from app.runtime.wakeup import WakeUp
from app.runtime.write_lock import WriteLock

# A revoked key, or the keys of a suspended organization, keep working for at most this long in
# other processes than the one that made the change.
KEY_SECONDS = 1.0
# A program that reads the same secret again and again gets one entry in the audit log in this time.
READ_SECONDS = 3600.0
# How long pages rely on a look at the settings of all webhooks of an organization.
DAMAGE_SECONDS = 60.0
# And the number of open issues in the navigation.
ISSUE_SECONDS = 10
# Organizations whose webhooks are cached.
MAX_ORGANIZATIONS = 2_000
TEST_INBOX_REQUESTS_PER_SECOND = 50
# Of a web process's 16 threads, how many may sleep for a test inbox's response delay.
TEST_INBOX_DELAYS_AT_ONCE = 4
# Running exports in a web process, and of one organization: each occupies a thread until it ends.
MAX_EXPORTS, MAX_EXPORTS_PER_ORGANIZATION = 4, 1
# The same for test sends, which wait for receivers.
MAX_TEST_SENDS, MAX_TEST_SENDS_PER_ORGANIZATION = 8, 2

# Of a web process without an event loop, how many threads may wait for announcements.
WAITING_THREADS = 4

_KEY = "callboard"


class GroupCommit(Protocol):
    """Commits concurrent requests' events together. See app/services/events/group_commit.py."""

    def submit(self, item: Any) -> Any: ...

    def enqueue(self, item: Any, receiver: Any) -> Any: ...

    def withdraw(self, entry: Any) -> bool: ...


class Sightings(Protocol):
    """Records when listeners were last seen. See app/services/listeners/sightings.py."""

    def note(self, listener_id: str, now: int) -> None: ...

    def write(self) -> None: ...

    def close(self) -> None: ...


class OidcProvider(Protocol):
    """See app/sending/oidc/provider.py."""

    @property
    def issuer(self) -> str: ...

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str: ...

    def claims(self, code: str, nonce: str, verifier: str) -> dict[str, Any]: ...


class KeyUsage(Protocol):
    """Records when API keys were last used. See app/services/accounts/key_usage.py."""

    def note(self, key_id: str, stored: int | None, now: int) -> None: ...

    def write(self) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class Caches:
    """Caches of database rows. Their owners in services/ decide what is stored in them."""

    principals: LookUpCache[Any] = field(default_factory=lambda: LookUpCache(KEY_SECONDS))
    # Whether an organization that a platform key names is suspended.
    organizations: LookUpCache[Any] = field(default_factory=lambda: LookUpCache(KEY_SECONDS))
    # What services.audit.reads has recorded lately.
    recorded_reads: LookUpCache[bool] = field(default_factory=lambda: LookUpCache(READ_SECONDS))
    # (Organization id, webhooks_version) -> ids of webhooks with damaged settings.
    damaged_webhooks: LookUpCache[list[str]] = field(
        default_factory=lambda: LookUpCache(DAMAGE_SECONDS)
    )
    # Organization id -> the number of open issues, for the navigation.
    open_issues: LookUpCache[int] = field(default_factory=lambda: LookUpCache(ISSUE_SECONDS))
    # Organization id -> services.webhooks.cache.OrganizationWebhooks.
    webhooks: LRUCache[str, Any] = field(default_factory=lambda: LRUCache(MAX_ORGANIZATIONS))
    webhooks_mutex: threading.Lock = field(default_factory=threading.Lock)
    # Periodic task -> when it is next due (ms), as last read from the database.
    periodic_due: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Runtime:
    """One per application. app/factory.py builds it; tests may replace single attributes.

    `redis` is for short questions: it tries once and gives up within a quarter of a second.
    """

    settings: Settings
    vault: Vault
    guard: AddressGuard
    write_lock: WriteLock
    database: DatabaseState
    wake_up: WakeUp
    redis: redis.Redis
    api_limiter: RateLimiter
    sign_in_limiter: SignInLimiter
    test_inbox_limiter: RateLimiter
    test_inbox_delays: threading.BoundedSemaphore
    exports: Slots
    test_sends: Slots
    # For tenants' filters and body expressions, for their schemas and YAML, and for posted events
    # that are checked against a schema.
    expression_sandbox: SandboxOfProcess
    schema_sandbox: SandboxOfProcess
    payload_sandbox: SandboxOfProcess
    group_commit: GroupCommit
    key_usage: KeyUsage
    topics: Topics
    waiting_threads: threading.BoundedSemaphore
    listener_sightings: Sightings
    # Bodies that wait for listeners' responses.
    listener_bytes: BytesHeld
    background: BackgroundThreads
    email_templates: Environment
    assets: Assets
    # None: people sign in with passwords only.
    oidc: OidcProvider | None
    # None: traces are off.
    tracing: Tracing | None
    caches: Caches = field(default_factory=Caches)
    # Threads that wait for filters or for checks of events, by organization.
    sandbox_places: Slots = field(default_factory=new_places)
    # Those of them that save or import schemas.
    schema_places: Slots = field(default_factory=new_schema_places)


def install(app: Flask, runtime: Runtime) -> None:
    app.extensions[_KEY] = runtime


def runtime() -> Runtime:
    """The runtime of the current app context."""
    installed: Runtime = current_app.extensions[_KEY]
    return installed


def runtime_of(app: Flask) -> Runtime:
    installed: Runtime = app.extensions[_KEY]
    return installed
