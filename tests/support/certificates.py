"""Create a certificate authority for a test, and certificates of receivers signed by it."""

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = dt.timedelta(days=1)


class Authority:
    """file: the CA certificate to trust. context: the server side of TLS for a receiver."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Callboard's test authority")
        self._own = (
            _builder(name, name, self._key.public_key(), -1, 10)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = str(directory / "authority.pem")
        Path(self.file).write_bytes(self._own.public_bytes(serialization.Encoding.PEM))

    def context(
        self, *names: str, first_day: int = -1, last_day: int = 10, self_signed: bool = False
    ) -> ssl.SSLContext:
        """names: host names or addresses in the certificate. Days count from today."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            self.certificate(
                *names, first_day=first_day, last_day=last_day, self_signed=self_signed
            )
        )
        return context

    def demanding(self, *names: str) -> ssl.SSLContext:
        """The server side of a receiver that demands a client certificate of this authority."""
        context = self.context(*names)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.file)
        return context

    def certificate(
        self, *names: str, first_day: int = -1, last_day: int = 10, self_signed: bool = False
    ) -> Path:
        """A file with a private key and its certificate, of a server or of a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(names[0])
        issuer, signer = (name, key) if self_signed else (self._own.subject, self._key)
        signed = (
            _builder(name, issuer, key.public_key(), first_day, last_day)
            .add_extension(x509.SubjectAlternativeName([_general(text) for text in names]), False)
            .sign(signer, hashes.SHA256())
        )
        file = (
            self._directory / f"{names[0].replace('*', '_')}{first_day}{last_day}{self_signed}.pem"
        )
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        return file


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _general(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, first: int, last: int
) -> x509.CertificateBuilder:
    today = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + first * _DAY)
        .not_valid_after(today + last * _DAY)
    )
