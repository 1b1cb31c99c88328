"""Translate libcurl errors into failure reasons.

The details never contain libcurl's own messages about connections, since those name addresses.
"""

import errno
from dataclasses import dataclass

import pycurl

# pycurl has no names for these.
_WEIRD_SERVER_REPLY, _TOO_LARGE = 8, 100

# OpenSSL's X509_V_ERR codes.
_DATES = {
    9: ("tls_expired", "certificate is not valid yet"),
    10: ("tls_expired", ""),
}
_UNTRUSTED = {
    18: "self-signed certificate",
    19: "certificate chain ends at an untrusted authority",
    20: "unknown issuer, or the receiver does not send the whole certificate chain",
    21: "unknown issuer, or the receiver does not send the whole certificate chain",
    23: "certificate revoked",
}
NO_MEMORY = "Callboard has too little memory"
_HANDSHAKE = "connection closed during the TLS handshake"
_PROTOCOL = "not an HTTP response"

_UNREACHABLE = {
    errno.EHOSTUNREACH: "no route to host",
    errno.ENETUNREACH: "network is unreachable",
    errno.EADDRNOTAVAIL: "network is unreachable",
    errno.EMFILE: "Callboard has too many open files",
    errno.ENFILE: "Callboard has too many open files",
}

_BY_CODE = {
    pycurl.E_URL_MALFORMAT: ("url", ""),
    pycurl.E_OUT_OF_MEMORY: ("unreachable", NO_MEMORY),
    pycurl.E_UNSUPPORTED_PROTOCOL: ("protocol", _PROTOCOL),
    _WEIRD_SERVER_REPLY: ("protocol", _PROTOCOL),
    pycurl.E_GOT_NOTHING: ("empty_reply", ""),
    pycurl.E_SEND_ERROR: ("reset", "connection closed while sending the request"),
    _TOO_LARGE: ("headers_too_large", "header line too long"),
    pycurl.E_COULDNT_RESOLVE_HOST: ("dns", "host not found"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed transfer, as libcurl reports it.

    os_error: errno, 0 if none. verify_result: OpenSSL's code for the certificate.
    has_head: the final status line arrived. body_size: bytes of the response body received."""

    code: int
    message: str
    os_error: int
    verify_result: int
    has_head: bool
    body_size: int


def describe(failure: Failure, host: str) -> tuple[str, str]:
    """Return the cause and its detail."""
    code = failure.code
    if code == pycurl.E_COULDNT_CONNECT:
        return _not_connected(failure.os_error)
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return _not_verified(failure, host)
    if code == pycurl.E_SSL_CONNECT_ERROR:
        return "tls", _handshake(failure)
    if code == pycurl.E_PARTIAL_FILE or (code == pycurl.E_RECV_ERROR and failure.has_head):
        return _incomplete(failure)
    if code == pycurl.E_RECV_ERROR:
        return "reset", "connection closed before a response"
    return _BY_CODE.get(code, ("protocol", f"libcurl error {code}"))


def _not_connected(os_error: int) -> tuple[str, str]:
    if os_error == errno.ECONNREFUSED:
        return "refused", ""
    if os_error == errno.ETIMEDOUT:
        return "timeout_connect", "the operating system timed out"
    return "unreachable", _UNREACHABLE.get(os_error, "connection failed")


def _not_verified(failure: Failure, host: str) -> tuple[str, str]:
    result = failure.verify_result
    if result in _DATES:
        return _DATES[result]
    # libcurl checks the host name itself, after OpenSSL has accepted the certificate.
    if "subject name" in failure.message:
        return "tls_name", f"certificate is not valid for {host}"
    reason = (
        failure.message.rpartition("certificate problem: ")[2]
        or "certificate could not be verified"
    )
    return "tls_untrusted", _UNTRUSTED.get(result, reason)


def _handshake(failure: Failure) -> str:
    """Return the last part of `error:0A00010B:SSL routines::wrong version number`."""
    _, separator, reason = failure.message.rpartition("::")
    if separator and "eof" not in reason:
        return reason
    return _HANDSHAKE


def _incomplete(failure: Failure) -> tuple[str, str]:
    if "hunk" in failure.message:
        return "protocol", "invalid chunked encoding"
    return "reset", f"connection closed after {failure.body_size} bytes of the response body"
