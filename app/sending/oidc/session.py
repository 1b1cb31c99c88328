"""The session of requests to an OpenID provider.

The operator chooses the issuer, as they choose the database. So the address guard, which protects
against what tenants enter, does not apply: many issuers have private addresses. All else does: one
deadline for a whole response, a bounded body, verified certificates, no redirects.
"""

from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session

from app.domain.addresses.urls import Address
from app.sending.oidc.faults import misconfigured
from app.sending.session import GuardedAdapter, GuardedResponse

# For each request, from the name look-up to the last byte.
TIMEOUT_SECONDS = 5.0


class _AnyAddress:
    """See the module's docstring."""

    def allowed(
        self, address: str | Address, url: str | None = None, port: int | None = None
    ) -> bool:
        del address, url, port
        return True

    def is_exempt(self, url: str) -> bool:
        del url
        return False


class ProviderSession(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """Sends every request through libcurl, as all outgoing requests are."""

    def __init__(self, *, dns_servers: tuple[str, ...], **options: Any) -> None:
        super().__init__(default_timeout=TIMEOUT_SECONDS, **options)
        self.trust_env = False
        # The default would accept compressed responses.
        self.headers.clear()
        self.headers["Accept"] = "application/json"
        self.adapters.clear()
        self.mount("", GuardedAdapter(_AnyAddress(), dns_servers=dns_servers))

    def get_redirect_target(self, _resp: requests.Response) -> None:
        return None


def document_of(response: requests.Response, what: str) -> dict[str, Any]:
    if isinstance(response, GuardedResponse) and response.outcome.response_truncated:
        raise misconfigured(f"the {what} has more than 64 KiB")
    if response.status_code != 200:
        raise misconfigured(f"the {what} at {response.url} has status {response.status_code}")
    document = response.json()
    if not isinstance(document, dict):
        raise misconfigured(f"the {what} is not a JSON object")
    return document
