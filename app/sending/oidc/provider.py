"""An OpenID provider: discovery, the authorization URL, and tokens."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from cachetools import TTLCache
from joserfc.errors import JoseError

from app.domain.accounts.oidc import OidcSettings, has_needed_claims
from app.sending.oidc.faults import (
    START_AGAIN,
    fault,
    invalid_token,
    misconfigured,
    refused_token,
)
from app.sending.oidc.session import ProviderSession, document_of

# How far the provider's clock may differ.
LEEWAY_SECONDS = 60
# How long its endpoints and keys are cached. An unknown key is looked up at once.
CACHE_SECONDS = 3600
# A slow provider must not occupy every thread of a web process: so many sign-ins at once, and
# others wait so long for one of them to end.
REQUESTS_AT_ONCE, WAIT_SECONDS = 4, 1.0
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)


class OidcProvider(OpenIDMixin):  # type: ignore[misc]
    """Thread-safe. redirect_uri: where the provider sends people back to."""

    def __init__(
        self, settings: OidcSettings, redirect_uri: str, dns_servers: tuple[str, ...] = ()
    ) -> None:
        self.client_id = settings.client_id
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._dns_servers = dns_servers
        self._cache: TTLCache[str, Any] = TTLCache(2, CACHE_SECONDS)
        self._mutex = threading.Lock()
        self._slots = threading.BoundedSemaphore(REQUESTS_AT_ONCE)

    @property
    def issuer(self) -> str:
        return self._settings.issuer.rstrip("/")

    def authorization_url(self, state: str, nonce: str, verifier: str) -> str:
        """The URL to send the browser to. verifier: the PKCE secret of this sign-in. Raises
        ProviderFault."""
        with self._talking(), self._get_session() as session:
            endpoint = self.load_server_metadata()["authorization_endpoint"]
            url, _ = session.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
            return str(url)

    def claims(self, code: str, nonce: str, verifier: str) -> dict[str, Any]:
        """Exchange the code, and return the claims of a valid ID token, completed from the UserInfo
        endpoint if it lacks any that the settings need. Raises ProviderFault."""
        with self._talking(), self._get_session() as session:
            metadata = self.load_server_metadata()
            token = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                redirect_uri=self._redirect_uri,
            )
            claims = self._id_token_claims(token, nonce, metadata)
            if not has_needed_claims(claims, self._settings):
                claims = self._completed(session, claims, metadata)
            return claims

    def _id_token_claims(
        self, token: Mapping[str, Any], nonce: str, metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        options = {
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        claims = self.parse_id_token(token, nonce, options, leeway=LEEWAY_SECONDS)
        if claims is None:
            raise fault("The identity provider sent no ID token.", "no id_token", START_AGAIN)
        return dict(claims)

    def _completed(
        self, session: ProviderSession, claims: dict[str, Any], metadata: Mapping[str, Any]
    ) -> dict[str, Any]:
        endpoint = metadata.get("userinfo_endpoint")
        if not endpoint:
            return claims
        info = document_of(session.get(endpoint), "UserInfo endpoint")
        if info.get("sub") != claims.get("sub"):
            raise fault("The identity provider described another person.", "other sub", START_AGAIN)
        return {**info, **claims}

    def load_server_metadata(self) -> dict[str, Any]:
        """Authlib calls it too."""
        return self._cached("metadata", self._read_metadata, force=False)

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """Authlib calls it, with `force` for a key that is not in the set."""
        return self._cached("keys", self._read_keys, force=force)

    def _cached(self, name: str, read: Any, *, force: bool) -> dict[str, Any]:
        with self._mutex:
            document: dict[str, Any] | None = None if force else self._cache.get(name)
        if document is None:
            document = read()
            with self._mutex:
                self._cache[name] = document
        assert document is not None
        return document

    def _read_metadata(self) -> dict[str, Any]:
        url = f"{self.issuer}/.well-known/openid-configuration"
        metadata = self._get(url, "discovery document")
        if str(metadata.get("issuer")).rstrip("/") != self.issuer:
            reason = f"the discovery document is of {str(metadata.get('issuer'))[:200]!r}"
            raise misconfigured(f"{reason}, but OIDC_ISSUER is {self._settings.issuer!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            endpoint = urlsplit(str(metadata.get(name)))
            if endpoint.scheme not in ("https", urlsplit(self.issuer).scheme):
                raise misconfigured(f"{name} is not an https URL")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        accepted = [name for name in ALGORITHMS if name in offered]
        if not accepted:
            raise misconfigured(f"ID tokens are signed with {offered}; use RS256 or ES256")
        return {**metadata, "id_token_signing_alg_values_supported": accepted}

    def _read_keys(self) -> dict[str, Any]:
        return self._get(self.load_server_metadata()["jwks_uri"], "keys (jwks_uri)")

    def _get(self, url: str, what: str) -> dict[str, Any]:
        with self._new_session() as session:
            return document_of(session.get(url, withhold_token=True), what)

    def _get_session(self) -> ProviderSession:
        metadata = self.load_server_metadata()
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        is_basic = "client_secret_basic" in methods
        return self._new_session(
            token_endpoint_auth_method="client_secret_basic" if is_basic else "client_secret_post"
        )

    def _new_session(self, **options: Any) -> ProviderSession:
        return ProviderSession(
            dns_servers=self._dns_servers,
            client_id=self.client_id,
            client_secret=self._settings.client_secret,
            scope=" ".join(self._settings.scopes),
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            **options,
        )

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Hold one of the slots, and turn every failure into one that can be shown."""
        if not self._slots.acquire(timeout=WAIT_SECONDS):
            raise fault("The identity provider is slow at the moment.", "all slots taken")
        try:
            yield
        except (requests.JSONDecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
            # What the provider sends has any shape.
            reason = f"{type(error).__name__}: {error}"
            raise fault("The identity provider sent an invalid response.", reason) from error
        except requests.RequestException as error:
            raise fault("The identity provider cannot be reached.", str(error)) from error
        except OAuthError as error:
            raise refused_token(error) from error
        except JoseError as error:
            raise invalid_token(error) from error
        finally:
            self._slots.release()
