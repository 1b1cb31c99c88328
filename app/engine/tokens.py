"""OAuth tokens of webhooks, fetched by threads while the dispatcher continues."""

import logging
import threading
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from app.domain.bodies.spec import CannotRender
from app.domain.common.clock import now_ms
from app.domain.deliveries import sealing
from app.domain.webhooks.credentials.oauth import CAUSE, REPLACE_MS, Token, TokenRefused
from app.engine.claims import Claim
from app.runtime.vault import Vault
from app.sending.oauth import OAuthTokens

_log = logging.getLogger(__name__)

# Requests for tokens at a time, in total and of one organization: a slow authorization server
# delays its own organization's deliveries.
THREADS, PER_ORGANIZATION = 16, 2
# After a failed request for a token the next one of the webhook waits so long.
PAUSE_MS = 5_000
MAX_CACHED = 20_000

# A webhook at a version.
Key = tuple[str, int]


@dataclass(slots=True, eq=False)
class _Entry:
    """token: None while there is none. fault: why the last request failed. at: when it ended.
    waiting: claims that the request under way will serve; None: none is under way."""

    token: Token | None = None
    seals: sealing.Seals = sealing.NONE
    fault: str = ""
    at: int = 0
    refused: str | None = None
    waiting: list[Claim] | None = field(default=None)


class Tokens:
    """Used by the dispatcher's thread. wake: called by other threads when a token has come."""

    def __init__(self, source: OAuthTokens, vault: Vault, wake: Callable[[], None]) -> None:
        self._source = source
        self._vault = vault
        self._wake = wake
        self._threads: ThreadPoolExecutor | None = None
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._running: Counter[str] = Counter()
        self._queued: defaultdict[str, deque[Claim]] = defaultdict(deque)
        self._done: deque[tuple[Claim, Future[Token]]] = deque()
        self._ready: deque[Claim] = deque()
        self._lock = threading.Lock()
        self._is_closed = False

    def start(self, claim: Claim) -> bool:
        """Whether the claim has to wait; otherwise it has its authorization. CannotRender: there is
        no token."""
        if claim.authorization is not None:
            return False
        entry, now = self._entry(claim), now_ms()
        if entry.waiting is not None:
            entry.waiting.append(claim)
            return True
        if entry.token is not None and entry.token.until > now:
            _authorize(claim, entry)
            return False
        if entry.fault and entry.at <= now < entry.at + PAUSE_MS:
            raise CannotRender(CAUSE, entry.fault)
        entry.waiting = [claim]
        self._queued[claim.organization_id].append(claim)
        self._request_next(claim.organization_id)
        return True

    @property
    def first(self) -> Claim | None:
        """The claim that `take` returns next."""
        while self._done:
            self._settle(*self._done.popleft())
        return self._ready[0] if self._ready else None

    def take(self) -> Claim:
        """CannotRender is raised by `finish`."""
        return self._ready.popleft()

    def finish(self, claim: Claim) -> None:
        """Give the claim its authorization. CannotRender: the request for a token failed."""
        entry = self._entry(claim)
        if entry.token is None:
            raise CannotRender(CAUSE, entry.fault)
        _authorize(claim, entry)

    def refuse(self, claim: Claim) -> None:
        """Its receiver responded with 401: the next attempt gets a new token, unless this one is
        new itself."""
        entry = self._entries.get(_key(claim))
        token = entry.token if entry is not None else None
        if entry is None or token is None or token.authorization != claim.authorization:
            return
        # A token in the future was issued before the clock was set back.
        if not token.at <= now_ms() < token.at + REPLACE_MS:
            entry.token, entry.fault, entry.refused = None, "", token.value

    def close(self) -> None:
        """`wake` is not called any more."""
        with self._lock:
            self._is_closed = True
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _entry(self, claim: Claim) -> _Entry:
        key = _key(claim)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry()
            self._forget_oldest()
        return entry

    def _forget_oldest(self) -> None:
        """Unless claims wait for it."""
        if len(self._entries) > MAX_CACHED:
            oldest, entry = next(iter(self._entries.items()))
            if entry.waiting is None:
                del self._entries[oldest]
            else:
                self._entries.move_to_end(oldest)

    def _request_next(self, organization_id: str) -> None:
        queued = self._queued[organization_id]
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, "oauth")
        while queued and self._running[organization_id] < PER_ORGANIZATION:
            claim = queued.popleft()
            self._running[organization_id] += 1
            refused = self._entry(claim).refused
            future = self._threads.submit(self._source.get, claim.webhook.facts, refused)
            future.add_done_callback(lambda done, claim=claim: self._add(claim, done))  # type: ignore[misc]
        if not queued:
            del self._queued[organization_id]

    def _add(self, claim: Claim, done: Future[Token]) -> None:
        """In a thread."""
        with self._lock:
            if not self._is_closed:
                self._done.append((claim, done))
                self._wake()

    def _settle(self, claim: Claim, done: Future[Token]) -> None:
        entry, organization_id = self._entry(claim), claim.organization_id
        error = done.exception()
        entry.at, entry.token, entry.fault = now_ms(), None, ""
        if error is None:
            entry.token = token = done.result()
            known = claim.webhook.seals
            entry.seals = sealing.with_authorization(known, token.authorization, self._vault.seal)
        else:
            known_error = isinstance(error, TokenRefused)
            entry.fault = str(error) if known_error else "the token could not be requested"
            if not known_error:
                _log.error("webhook %s: no token", claim.webhook_id, exc_info=error)
        self._ready.extend(entry.waiting or ())
        entry.waiting = None
        self._running[organization_id] -= 1
        if not self._running[organization_id]:
            del self._running[organization_id]
        self._request_next(organization_id)


def _key(claim: Claim) -> Key:
    facts = claim.webhook.facts
    return (facts.id, facts.version)


def _authorize(claim: Claim, entry: _Entry) -> None:
    assert entry.token is not None
    claim.authorization, claim.seals = entry.token.authorization, entry.seals
