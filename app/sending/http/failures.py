"""libcurl's errors in the product's words. Its own sentences name addresses; these never do."""

import errno
from dataclasses import dataclass

import pycurl

# pycurl has no names for these.
_WEIRD_SERVER_REPLY, _TOO_LARGE = 8, 100

_DAYS = {
    9: ("tls_expired", "it is not valid yet"),
    10: ("tls_expired", "its last day has passed"),
}
_UNTRUSTED = {
    18: "it is signed by itself alone",
    19: "its chain ends at an authority that is not trusted here",
    20: "who issued it is not known here, or the receiver does not send its whole chain",
    21: "who issued it is not known here, or the receiver does not send its whole chain",
    23: "it was revoked",
}
_HANDSHAKE = "the receiver cut the connection during the handshake"
_PROTOCOL = "what came is not an HTTP answer"
_CUT = "the receiver cut the connection"

_UNREACHABLE = {
    errno.EHOSTUNREACH: "there is no way to the receiver",
    errno.ENETUNREACH: "there is no way to the receiver's network",
    errno.EADDRNOTAVAIL: "there is no way to the receiver's network",
    errno.EMFILE: "this machine has no descriptor left",
    errno.ENFILE: "this machine has no descriptor left",
}

_BY_CODE = {
    pycurl.E_URL_MALFORMAT: ("url", "it cannot be read"),
    pycurl.E_UNSUPPORTED_PROTOCOL: ("protocol", _PROTOCOL),
    _WEIRD_SERVER_REPLY: ("protocol", _PROTOCOL),
    pycurl.E_GOT_NOTHING: ("empty_reply", ""),
    pycurl.E_SEND_ERROR: ("reset", "the receiver cut the connection while the request was sent"),
    _TOO_LARGE: ("headers_too_large", "one header line is too long"),
    pycurl.E_COULDNT_RESOLVE_HOST: ("dns", "there is no such name"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What libcurl says of a transfer that failed.

    code, message: its error. os_error: errno, 0 if none. verify_result: OpenSSL's, of the
    certificate. kept: bytes of the answer's body."""

    code: int
    message: str
    os_error: int
    verify_result: int
    has_head: bool
    kept: int


def describe(failure: Failure, host: str) -> tuple[str, str]:
    """The cause's code and the detail."""
    code = failure.code
    if code == pycurl.E_COULDNT_CONNECT:
        return _not_connected(failure.os_error)
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return _not_verified(failure, host)
    if code == pycurl.E_SSL_CONNECT_ERROR:
        return "tls", _handshake(failure)
    if code == pycurl.E_PARTIAL_FILE or (code == pycurl.E_RECV_ERROR and failure.has_head):
        return _broken_off(failure)
    if code == pycurl.E_RECV_ERROR:
        return "reset", f"{_CUT} before an answer came"
    return _BY_CODE.get(code, ("protocol", f"libcurl's error {code}"))


def _not_connected(os_error: int) -> tuple[str, str]:
    if os_error == errno.ECONNREFUSED:
        return "refused", ""
    if os_error == errno.ETIMEDOUT:
        return "timeout_connect", "the system gave up"
    return "unreachable", _UNREACHABLE.get(os_error, "no connection could be made")


def _not_verified(failure: Failure, host: str) -> tuple[str, str]:
    result = failure.verify_result
    if result in _DAYS:
        return _DAYS[result]
    # libcurl compares the names itself, when OpenSSL has found nothing wrong.
    if "subject name" in failure.message:
        return "tls_name", f"it does not name {host}"
    reason = failure.message.rpartition("certificate problem: ")[2] or "it could not be checked"
    return "tls_untrusted", _UNTRUSTED.get(result, reason)


def _handshake(failure: Failure) -> str:
    """OpenSSL's reason is the last part of `error:0A00010B:SSL routines::wrong version number`."""
    _, found, reason = failure.message.rpartition("::")
    if found and "eof" not in reason:
        return reason
    return _HANDSHAKE


def _broken_off(failure: Failure) -> tuple[str, str]:
    if "hunk" in failure.message:
        return "protocol", "the answer's chunks cannot be read"
    return "reset", f"{_CUT} within the answer, after {failure.kept} bytes of its body"
