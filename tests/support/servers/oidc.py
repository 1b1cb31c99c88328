"""A real OpenID provider as a process of its own: `oidc-provider-mock`.

Its page asks for a subject; `person` decides which claims the subject has.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import requests

from tests.support import children
from tests.support.servers.ports import free_port


class OidcProvider:
    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def register(self, redirect_uri: str) -> dict[str, str]:
        response = requests.post(
            f"{self.issuer}/oauth2/clients", json={"redirect_uris": [redirect_uri]}, timeout=5
        )
        response.raise_for_status()
        document: dict[str, str] = response.json()
        return document

    def person(self, subject: str, **claims: Any) -> None:
        url = f"{self.issuer}/users/{quote(subject)}"
        requests.put(url, json=claims, timeout=45).raise_for_status()

    def authorize(self, url: str, subject: str | None) -> str:
        """Send the form of its page as somebody, or deny; the URL that it redirects to."""
        fields = {"action": "deny"} if subject is None else {"sub": subject}
        response = requests.post(url, data=fields, allow_redirects=False, timeout=45)
        assert response.status_code in (302, 303), response.text
        return response.headers["Location"]


@contextmanager
def running() -> Iterator[OidcProvider]:
    port = free_port()
    process = children.start(
        [
            sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1",
            "--require-registration",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    provider = OidcProvider(f"http://127.0.0.1:{port}")
    try:
        _wait(provider, process)
        yield provider
    finally:
        children.stop(process)


def _wait(provider: OidcProvider, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            url = f"{provider.issuer}/.well-known/openid-configuration"
            assert requests.get(url, timeout=45).json()["issuer"] == provider.issuer
        except requests.RequestException:
            assert process.poll() is None, "the provider exited"
            assert time.monotonic() < deadline, "the provider does not start"
            time.sleep(0.05)
        else:
            return
