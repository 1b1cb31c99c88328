"""Client certificates and private authorities as PEM text."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, rsa

from app.domain.common.clock import now_ms
from app.domain.common.errors import Invalid
from app.domain.webhooks.credentials import certificates
from app.domain.webhooks.credentials.certificates import (
    MAX_CLIENT,
    check_authorities,
    check_client_certificate,
)
from app.domain.webhooks.credentials.example import EXAMPLE_CERTIFICATE, EXAMPLE_KEY
from app.domain.webhooks.credentials.x509_certificates import MAX_KEY
from tests.support.certificates import Authority

DAY = 86_400_000
BROKEN = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
BROKEN_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
ENCRYPTED = EXAMPLE_KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def pem(authority: Authority, name: str = "ada", **days: int) -> str:
    return authority.certificate(name, **days).read_text()


def key_pem(key: rsa.RSAPrivateKey | dsa.DSAPrivateKey, password: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def test_comments_carriage_returns_and_the_order_of_the_blocks_do_not_matter() -> None:
    pasted = f"subject=/CN=x\r\n{EXAMPLE_KEY}\nissuer=y\n  {EXAMPLE_CERTIFICATE}".replace(
        "\n", "\r\n"
    )
    checked = check_client_certificate(pasted)
    assert checked == EXAMPLE_CERTIFICATE + EXAMPLE_KEY
    assert certificates.certificates_of(checked) == EXAMPLE_CERTIFICATE
    assert certificates.key_of(checked) == EXAMPLE_KEY
    assert check_authorities(EXAMPLE_CERTIFICATE * 2) == EXAMPLE_CERTIFICATE * 2


def test_a_certificate_with_its_chain_is_accepted(authority: Authority) -> None:
    chain = pem(authority) + Path(authority.file).read_text()
    checked = check_client_certificate(chain)
    assert [each.subject for each in certificates.summaries(checked)] == [
        "ada",
        "Callboard's test authority",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (5, "Expected a string"),
        ("", "No PEM text"),
        ("nonsense", "No PEM text"),
        ("-----BEGIN CERTIFICATE-----\n" * 500, "No PEM text"),
        ("x" * (MAX_CLIENT + 1), "characters"),
        (EXAMPLE_KEY, "no certificate"),
        (BROKEN + EXAMPLE_KEY, "could not be read"),
        (EXAMPLE_CERTIFICATE + BROKEN_KEY, "private key could not be read"),
        (EXAMPLE_CERTIFICATE + EXAMPLE_KEY * 2, "several private keys"),
        (EXAMPLE_CERTIFICATE * 11 + EXAMPLE_KEY, "11 certificates"),
        (EXAMPLE_CERTIFICATE + PARAMETERS, "other PEM blocks"),
    ],
)
def test_what_is_no_certificate_with_a_key_is_refused(text: object, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        check_client_certificate(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "Expected a string"),
        (EXAMPLE_CERTIFICATE + EXAMPLE_KEY, "contains a private key"),
        (BROKEN, "could not be read"),
        (PARAMETERS, "other PEM blocks"),
        (EXAMPLE_CERTIFICATE * 21, "21 certificates"),
    ],
)
def test_what_are_no_authorities_is_refused(text: object, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        check_authorities(text)


def test_a_key_of_another_certificate_is_refused(authority: Authority) -> None:
    with pytest.raises(Invalid, match="does not match"):
        check_client_certificate(certificates.certificates_of(pem(authority)) + EXAMPLE_KEY)


def test_weak_foreign_and_encrypted_keys_are_refused() -> None:
    strong = rsa.generate_private_key(65537, 2048)
    weak = rsa.generate_private_key(65537, 1024)
    foreign = dsa.generate_private_key(1024)
    for key, password, problem in (
        (strong, b"secret", "is encrypted"),
        (weak, None, "not supported"),
        (foreign, None, "not supported"),
        (strong, None, "does not match"),
    ):
        with pytest.raises(Invalid, match=problem):
            check_client_certificate(EXAMPLE_CERTIFICATE + key_pem(key, password))


def test_the_stored_key_is_kept_if_it_matches(authority: Authority) -> None:
    stored = EXAMPLE_CERTIFICATE + EXAMPLE_KEY
    assert certificates.with_stored_key(EXAMPLE_CERTIFICATE, stored) == stored
    assert certificates.with_stored_key(stored, None) == stored
    with pytest.raises(Invalid, match="private key is missing"):
        certificates.with_stored_key(EXAMPLE_CERTIFICATE, None)
    with pytest.raises(Invalid, match="does not match"):
        certificates.with_stored_key(certificates.certificates_of(pem(authority)), stored)


def test_an_expired_certificate_is_refused_and_the_end_is_warned_about(
    authority: Authority,
) -> None:
    now = now_ms()
    expired = check_client_certificate(pem(authority, "old", first_day=-9, last_day=-1))
    with pytest.raises(Invalid, match="has expired"):
        certificates.refuse_expired(expired, now)
    certificates.refuse_expired(check_client_certificate(pem(authority)), now)
    valid = check_client_certificate(pem(authority))
    [summary] = certificates.summaries(valid)
    assert (summary.subject, summary.issuer) == ("ada", "Callboard's test authority")
    assert summary.is_expiring(now)
    assert not summary.is_expired(now)
    assert not summary.is_expiring(now - 30 * DAY)
    assert certificates.first_expiry(EXAMPLE_CERTIFICATE + valid) == summary.not_after


def test_texts_for_connections_leave_out_what_is_not_set() -> None:
    assert certificates.client_tls(None, None) is None
    tls = certificates.client_tls(EXAMPLE_CERTIFICATE + EXAMPLE_KEY, None)
    assert tls is not None
    assert (tls.certificate.decode(), tls.key.decode(), tls.authorities) == (
        EXAMPLE_CERTIFICATE,
        EXAMPLE_KEY,
        b"",
    )
    assert "PRIVATE" not in repr(tls)


def test_a_key_of_an_unsupported_size_is_refused_before_it_is_read() -> None:
    body = "A" * MAX_KEY
    pasted = (
        f"{EXAMPLE_CERTIFICATE}\n-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    )
    with pytest.raises(Invalid) as raised:
        check_client_certificate(pasted)
    [error] = raised.value.errors
    assert "larger" in error.problem
    assert "4096" in error.remedy


def test_the_numbers_of_an_rsa_key_are_not_tested() -> None:
    """Testing them takes seconds for hostile ones, in which no other request is served."""
    numbers = rsa.RSAPrivateNumbers(
        p=2**1024 + 1,
        q=2**1025 + 1,
        d=3,
        dmp1=3,
        dmq1=3,
        iqmp=3,
        public_numbers=rsa.RSAPublicNumbers(65537, (2**1024 + 1) * (2**1025 + 1)),
    )
    key = key_pem(numbers.private_key(unsafe_skip_rsa_key_validation=True))
    with pytest.raises(Invalid) as raised:
        check_client_certificate(f"{EXAMPLE_CERTIFICATE}{key}")
    [error] = raised.value.errors
    assert error.problem == "The private key does not match the first certificate."
