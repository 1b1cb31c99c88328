"""An OpenID issuer on loopback that keeps to the protocol, except where a test tells it not to.

It insists on what a strict provider checks: the client's secret, PKCE, the redirect URI, and that a
code is used once.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT_ID, CLIENT_SECRET = "callboard", "a-client-secret"


# Making one takes half a second.
KEY = RSAKey.generate_key(2048, {"kid": "one"})


class HostileIssuer:
    """claims: added to ID tokens; None removes one. userinfo: what that endpoint says.
    documents: replaces responses by path, with (status, body). algorithm: RS256; HS256 signs with
    the public key, none does not sign."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] | None = None
        self.documents: dict[str, tuple[int, bytes]] = {}
        self.key: Any = KEY
        self.published = self.key
        self.algorithm = "RS256"
        self.requests: list[str] = []
        # Cleared: it accepts requests and never responds.
        self.responds = threading.Event()
        self.responds.set()
        self._codes: dict[str, dict[str, str]] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.issuer = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.responds.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def authorize(self, url: str, subject: str, **claims: Any) -> str:
        """What its page does after somebody signed in: the URL that it redirects to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.claims = {"sub": subject, **claims}
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def respond(self, path: str, fields: dict[str, str], header: str) -> tuple[int, Any]:
        self.requests.append(path)
        self.responds.wait()
        if path in self.documents:
            return self.documents[path]
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            return 200, KeySet([self.published]).as_dict(private=False)
        if path == "/token":
            return self._token(fields, header)
        if path == "/userinfo":
            return 200, self.userinfo or {"sub": self.claims.get("sub")}
        return 404, {}

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def _token(self, fields: dict[str, str], header: str) -> tuple[int, Any]:
        wanted = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if header != f"Basic {wanted}":
            return 401, {"error": "invalid_client", "error_description": "wrong secret"}
        asked = self._codes.pop(fields.get("code", ""), None)
        if asked is None:
            return 400, {"error": "invalid_grant", "error_description": "unknown code"}
        digest = hashlib.sha256(fields["code_verifier"].encode()).digest()
        challenge = _encoded(digest)
        if challenge != asked["code_challenge"] or fields["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "wrong verifier"}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self._signed(claims)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}

    def _signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "RS256":
            return jwt.encode(header, claims, self.key)
        # As if the public key were a shared secret: for clients that confuse the two.
        signed = f"{_part(header)}.{_part(claims)}"
        public = self.published.as_pem(private=False)
        digest = hmac.digest(public, signed.encode(), "sha256")
        return f"{signed}.{_encoded(digest if self.algorithm == 'HS256' else b'')}"


def _part(document: dict[str, Any]) -> str:
    return _encoded(json.dumps(document).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class _Server(ThreadingHTTPServer):
    issuer: HostileIssuer
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._respond({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._respond({name: values[0] for name, values in parse_qs(body).items()})

    def _respond(self, fields: dict[str, str]) -> None:
        header = self.headers.get("Authorization", "")
        status, document = self.server.issuer.respond(urlsplit(self.path).path, fields, header)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        del format, args
