"""Certificates of a webhook: the client certificate that it shows to its receiver (mutual TLS), and
the authorities that it trusts instead of the public ones. Here they are text."""

import re
from dataclasses import dataclass
from typing import Any

from app.domain.common.errors import invalid
from app.domain.common.strict_json import kind_of

# Characters.
MAX_CLIENT, MAX_AUTHORITIES = 16_384, 32_768
MAX_CHAIN, MAX_TRUSTED = 10, 20
# Days before its end from which on a certificate is warned about.
WARNING_DAYS = 30
_DAY_MS = 86_400_000

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----(?:[^-]|-(?!----))+-----END \1-----")
_CERTIFICATE, _PRIVATE = "CERTIFICATE", "PRIVATE KEY"
_CLIENT_REMEDY = "Paste the certificate, its chain and its private key as PEM text."
_AUTHORITY_REMEDY = "Paste the certificates of the authorities as PEM text."


@dataclass(frozen=True, slots=True, repr=False)
class ClientTls:
    """PEM texts for the connections of one webhook; empty: as usual. certificate: with its chain.
    authorities: trusted instead of the public ones."""

    certificate: bytes
    key: bytes
    authorities: bytes


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a certificate, for people. not_after: ms since the epoch."""

    subject: str
    issuer: str
    not_after: int

    def is_expired(self, now: int) -> bool:
        return self.not_after <= now

    def is_expiring(self, now: int) -> bool:
        """Whether it ends within WARNING_DAYS, or has ended."""
        return self.not_after < now + WARNING_DAYS * _DAY_MS


def check_client_certificate(value: object, field: str = "client_certificate") -> str:
    """Return the PEM blocks: the certificate, its chain, and the key if there is one. Without a key
    the stored one is kept. Raises Invalid: a key that does not match, among others."""
    blocks = _blocks(value, field, MAX_CLIENT, _CLIENT_REMEDY)
    certificates = [text for kind, text in blocks if kind == _CERTIFICATE]
    keys = [text for kind, text in blocks if kind.endswith(_PRIVATE)]
    if len(certificates) + len(keys) < len(blocks):
        raise invalid(field, "pem", "It contains other PEM blocks.", _CLIENT_REMEDY)
    _check_number(len(certificates), field, MAX_CHAIN, _CLIENT_REMEDY)
    if len(keys) > 1:
        raise invalid(field, "key", "It has several private keys.", _CLIENT_REMEDY)
    _reading().check("".join(certificates), "".join(keys), field, _CLIENT_REMEDY)
    return "".join([*certificates, *keys])


def check_authorities(value: object, field: str = "ca_certificates") -> str:
    """Return the PEM blocks. Raises Invalid."""
    blocks = _blocks(value, field, MAX_AUTHORITIES, _AUTHORITY_REMEDY)
    if any(kind.endswith(_PRIVATE) for kind, _ in blocks):
        raise invalid(field, "key", "It contains a private key.", _AUTHORITY_REMEDY)
    if any(kind != _CERTIFICATE for kind, _ in blocks):
        raise invalid(field, "pem", "It contains other PEM blocks.", _AUTHORITY_REMEDY)
    _check_number(len(blocks), field, MAX_TRUSTED, _AUTHORITY_REMEDY)
    text = "".join(text for _, text in blocks)
    _reading().check(text, "", field, _AUTHORITY_REMEDY)
    return text


def with_stored_key(text: str, stored: str | None, field: str = "client_certificate") -> str:
    """text: checked. The same with the stored certificate's key, if it has none of its own. Raises
    Invalid: there is no key, or it does not match."""
    if key_of(text):
        return text
    key = key_of(stored or "")
    if not key:
        raise invalid(field, "key", "The private key is missing.", _CLIENT_REMEDY)
    _reading().check(text, key, field, _CLIENT_REMEDY)
    return text + key


def refuse_expired(text: str, now: int, field: str = "client_certificate") -> None:
    """text: checked. now: ms since the epoch. Raises Invalid."""
    _reading().refuse_expired(text, now, field)


def summaries(text: str) -> list[Summary]:
    """Of each certificate in a stored text."""
    certificates: list[Summary] = _reading().summaries(text)
    return certificates


def first_expiry(text: str | None) -> int | None:
    """When the first certificate of a stored text expires, in ms since the epoch."""
    return min(each.not_after for each in summaries(text)) if text else None


def certificates_of(text: str) -> str:
    """Without the private key."""
    return "".join(f"{match[0]}\n" for match in _BLOCK.finditer(text) if match[1] == _CERTIFICATE)


def key_of(text: str) -> str:
    """The private key; empty if there is none."""
    blocks = _BLOCK.finditer(text)
    return "".join(f"{match[0]}\n" for match in blocks if match[1].endswith(_PRIVATE))


def client_tls(client: str | None, authorities: str | None) -> ClientTls | None:
    """client, authorities: stored texts. None: connections are as usual."""
    if client is None and authorities is None:
        return None
    client = client or ""
    return ClientTls(
        certificates_of(client).encode(), key_of(client).encode(), (authorities or "").encode()
    )


def _blocks(value: object, field: str, longest: int, remedy: str) -> list[tuple[str, str]]:
    """The PEM blocks by kind. Comments between them are dropped."""
    if not isinstance(value, str):
        raise invalid(field, "type", f"Expected a string, got {kind_of(value)}.", remedy)
    if len(value) > longest:
        problem = f"It has {len(value)} characters."
        raise invalid(field, "length", problem, f"Use at most {longest} characters.")
    blocks = [(match[1], _normal(match[0])) for match in _BLOCK.finditer(value)]
    if not blocks:
        raise invalid(field, "pem", "No PEM text was found.", remedy)
    return blocks


def _normal(block: str) -> str:
    return "".join(f"{line.strip()}\n" for line in block.splitlines() if line.strip())


def _check_number(number: int, field: str, most: int, remedy: str) -> None:
    if not number:
        raise invalid(field, "pem", "It contains no certificate.", remedy)
    if number > most:
        raise invalid(field, "range", f"It has {number} certificates.", f"Use at most {most}.")


def _reading() -> Any:
    # Importing it takes 20 ms, which would delay every start.
    from app.domain.webhooks.credentials import x509_certificates

    return x509_certificates
