"""Get tokens for webhooks with OAuth 2.0, and share them with the other processes."""

import json
from contextlib import suppress

import redis
from cryptography.fernet import InvalidToken

from app.domain.addresses.guard import AddressGuard
from app.domain.addresses.proxies import Proxy
from app.domain.common.clock import now_ms
from app.domain.deliveries.causes import explain
from app.domain.webhooks.credentials.oauth import Token, TokenRefused, read_token
from app.domain.webhooks.facts import WebhookFacts
from app.runtime.vault import Vault

# For the whole request.
TIMEOUT_SECONDS = 5.0
_PREFIX = "callboard:oauth:"


class OAuthTokens:
    """Tokens are in Redis, encrypted, until they expire; without Redis each process gets its own.
    Safe in any thread."""

    def __init__(
        self,
        connection: redis.Redis,
        vault: Vault,
        guard: AddressGuard,
        dns_servers: tuple[str, ...] = (),
        proxy: Proxy | None = None,
    ) -> None:
        self._redis = connection
        self._vault = vault
        self._guard = guard
        self._dns_servers = dns_servers
        self._proxy = proxy

    def get(self, webhook: WebhookFacts, refused: str | None = None) -> Token:
        """Blocks for up to TIMEOUT_SECONDS. refused: a token that receivers do not accept any more.
        TokenRefused."""
        key = f"{_PREFIX}{webhook.id}.{webhook.version}"
        shared = self._shared(key)
        if shared is not None and shared.value != refused and shared.until > now_ms():
            return shared
        token = self._request(webhook)
        self._share(key, token)
        return token

    def _request(self, webhook: WebhookFacts) -> Token:
        client = webhook.oauth
        assert client is not None, "only webhooks with OAuth need tokens"
        # Few installations need tokens; Requests with what it loads takes four megabytes.
        from app.sending.session import GuardedSession, RequestFailed

        headers = {
            "Accept": "application/json",
            "Authorization": client.authorization,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            with GuardedSession(
                self._guard, dns_servers=self._dns_servers, proxy=self._proxy
            ) as session:
                response = session.post(
                    client.token_url, data=client.form, headers=headers, timeout=TIMEOUT_SECONDS
                )
        except RequestFailed as error:
            outcome = error.outcome
            reason = explain(outcome.cause, None, outcome.detail)
            raise TokenRefused(f"request to the token URL: {reason}") from None
        return read_token(response.status_code, response.content, now_ms())

    def _shared(self, key: str) -> Token | None:
        with suppress(redis.RedisError, OSError, InvalidToken, ValueError, TypeError):
            sealed = self._redis.get(key)
            if isinstance(sealed, bytes):
                return Token(*json.loads(self._vault.open(sealed)))
        return None

    def _share(self, key: str, token: Token) -> None:
        life = token.until - now_ms()
        if life > 0:
            text = json.dumps([token.value, token.at, token.until])
            with suppress(redis.RedisError, OSError):
                self._redis.set(key, self._vault.seal(text), px=life)
