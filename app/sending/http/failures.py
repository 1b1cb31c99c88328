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
    7: "invalid signature",
    18: "self-signed certificate",
    19: "certificate chain ends at an untrusted authority",
    20: "unknown issuer, or the receiver does not send the whole certificate chain",
    21: "unknown issuer, or the receiver does not send the whole certificate chain",
    23: "certificate revoked",
}
# Of a handshake in which the receiver's certificate was not what failed.
_UNSPECIFIED = 1
_REFUSED_CERTIFICATE = "the receiver refused the client certificate"
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
    pycurl.E_SSL_CERTPROBLEM: ("tls", "the client certificate cannot be used"),
    pycurl.E_BAD_FUNCTION_ARGUMENT: ("tls", "the client certificate cannot be used"),
    pycurl.E_SSL_CACERT_BADFILE: ("tls", "the trusted authorities cannot be used"),
    pycurl.E_SEND_ERROR: ("reset", "connection closed while sending the request"),
    _TOO_LARGE: ("headers_too_large", "header line too long"),
    pycurl.E_COULDNT_RESOLVE_HOST: ("dns", "host not found"),
}

PROXY = "proxy"
_PROXY_HANDSHAKE = 97
_TLS = frozenset({pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CONNECT_ERROR})
# By CURLPX code: replies of SOCKS5 about the receiver ...
_SOCKS = {
    19: ("refused", "as the proxy says"),
    21: ("unreachable", "the proxy found no route to the host"),
    22: ("unreachable", "the proxy cannot reach the network"),
    24: ("unreachable", "the proxy's packets expired on the way"),
}
# ... and about the proxy itself.
_PROXY_FAULTS = {
    12: "it requires other credentials",
    20: "general failure",
    23: "its rules do not allow this connection",
    33: "it refused the user name and password",
}
# CONNECT: the proxy did not reach the receiver.
_GATEWAY = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed transfer, as libcurl reports it.

    os_error: errno, 0 if none. verify_result: OpenSSL's code for the certificate.
    has_head: the final status line arrived. body_size: bytes of the response body received.
    fault: cause and detail, if the way through the proxy failed."""

    code: int
    message: str
    os_error: int
    verify_result: int
    has_head: bool
    body_size: int
    fault: tuple[str, str] | None = None


def describe(failure: Failure, host: str) -> tuple[str, str]:
    """Return the cause and its detail."""
    if failure.fault is not None:
        return failure.fault
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
        return _closed(failure.message)
    return _BY_CODE.get(code, ("protocol", f"libcurl error {code}"))


def describe_proxy(
    failure: Failure, connect_status: int, proxy_error: int, *, is_tls: bool
) -> tuple[str, str] | None:
    """Return the cause and its detail if the way through the proxy failed, else None.

    connect_status: of the response to CONNECT, 0 if none. proxy_error: libcurl's CURLPX code.
    is_tls: TLS as far as the proxy."""
    code = failure.code
    if code == pycurl.E_COULDNT_RESOLVE_PROXY:
        return PROXY, "its host was not found"
    if code == _PROXY_HANDSHAKE:
        return _SOCKS.get(proxy_error, (PROXY, _PROXY_FAULTS.get(proxy_error, "no valid response")))
    if connect_status and connect_status // 100 != 2:
        cause = "unreachable" if connect_status in _GATEWAY else PROXY
        return cause, f"the proxy responded to CONNECT with {connect_status}"
    if code == pycurl.E_COULDNT_CONNECT:
        return PROXY, "it cannot be reached"
    if is_tls and not connect_status and code in _TLS:
        return PROXY, "its certificate could not be verified, or the TLS handshake failed"
    if not connect_status and code == pycurl.E_RECV_ERROR:
        return PROXY, "it closed the connection"
    return None


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
    if result == _UNSPECIFIED:
        return "tls", _REFUSED_CERTIFICATE
    reason = (
        failure.message.rpartition("certificate problem: ")[2]
        or "certificate could not be verified"
    )
    return "tls_untrusted", _UNTRUSTED.get(result, reason)


def _closed(message: str) -> tuple[str, str]:
    """Under TLS 1.3 a receiver refuses a client certificate after the handshake."""
    _, is_alert, alert = message.partition(" alert ")
    if not is_alert:
        return "reset", "connection closed before a response"
    if alert.startswith("certificate required"):
        return "tls", "the receiver requires a client certificate"
    return "tls", f"{_REFUSED_CERTIFICATE}: {alert.partition(',')[0]}"


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
