"""Parse certificates and keys. Imported when there are some: it takes 20 ms."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from app.domain.common.errors import invalid
from app.domain.webhooks.credentials.certificates import Summary, certificates_of

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 4096
# Characters of PEM. RSA with 4,096 bits has 3,300.
MAX_KEY = 4_000
_KINDS = f"Use RSA with {MIN_RSA_BITS} to {MAX_RSA_BITS} bits, an elliptic curve or Ed25519."


def check(certificates: str, key: str, field: str, remedy: str) -> None:
    """certificates, key: PEM. key: empty, or of the first certificate. Raises Invalid."""
    try:
        loaded = x509.load_pem_x509_certificates(certificates.encode())
        # Parsed only when they are asked for.
        for certificate in loaded:
            _summary(certificate)
        public_key = _encoded(loaded[0].public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise invalid(field, "pem", "A certificate could not be read.", remedy) from None
    if key and _public_key_of(key, field, remedy) != public_key:
        problem = "The private key does not match the first certificate."
        raise invalid(field, "conflict", problem, remedy)


def refuse_expired(text: str, now: int, field: str = "client_certificate") -> None:
    """text: checked. now: ms since the epoch. Raises Invalid."""
    if summaries(text)[0].is_expired(now):
        remedy = "Paste a certificate that is valid."
        raise invalid(field, "expired", "The certificate has expired.", remedy)


def summaries(text: str) -> list[Summary]:
    """Of each certificate in a checked text."""
    return list(map(_summary, x509.load_pem_x509_certificates(certificates_of(text).encode())))


def _public_key_of(text: str, field: str, remedy: str) -> bytes:
    if len(text) > MAX_KEY:
        problem = "The private key is larger than any of a supported size."
        raise invalid(field, "key", problem, _KINDS)
    try:
        # Validating tests whether RSA's primes are prime, which stops the whole process: 25 s for
        # 10,000 bits. The certificate's key must match, and its owner alone suffers if it is bad.
        key = load_pem_private_key(text.encode(), None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        decrypt = "Decrypt it first: openssl pkey -in key.pem."
        raise invalid(field, "key", "The private key is encrypted.", decrypt) from None
    except (ValueError, UnsupportedAlgorithm):
        raise invalid(field, "key", "The private key could not be read.", remedy) from None
    if isinstance(key, rsa.RSAPrivateKey):
        is_known = MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS
    else:
        is_known = isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey)
    if not is_known:
        problem = "The kind or size of the private key is not supported."
        raise invalid(field, "key", problem, _KINDS)
    return _encoded(key.public_key())


def _encoded(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


def _summary(certificate: x509.Certificate) -> Summary:
    end = certificate.not_valid_after_utc.timestamp()
    return Summary(_name(certificate.subject), _name(certificate.issuer), round(end * 1000))


def _name(name: x509.Name) -> str:
    """The common name, or all of it."""
    common = name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    text = common[0].value if common else name.rfc4514_string()
    return str(text)[:200]
