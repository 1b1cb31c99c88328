"""Failure reasons: why an attempt ended as it did, and what its owner can do about it."""

from dataclasses import dataclass
from http import HTTPStatus

OK = "ok"
STATUS = "status"
REDIRECT = "redirect"
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Cause:
    """title: a few words without a full stop. what_to_do: one sentence for the webhook's owner.

    ours: the fault lies with Callboard or its operator, not with the receiver.
    """

    title: str
    what_to_do: str
    ours: bool = False


CAUSES: dict[str, Cause] = {
    OK: Cause("Success", "Nothing to do."),
    STATUS: Cause(
        "HTTP error",
        "Check the response body, and the receiver's log at the time of the attempt.",
    ),
    REDIRECT: Cause(
        "Redirect not followed",
        "Set the webhook's URL to the address that the receiver redirects to.",
    ),
    GONE: Cause(
        "410 Gone",
        "Some presets disable the webhook on 410. Enable it when the receiver is back.",
    ),
    "dns": Cause(
        "DNS lookup failed",
        "Check the spelling of the host in the URL and that its DNS record exists.",
    ),
    "timeout_dns": Cause(
        "DNS timeout",
        "Check the name servers of the receiver's domain.",
    ),
    "address_refused": Cause(
        "Blocked address",
        "Use a public address, or ask your administrator to allow this private network.",
    ),
    "refused": Cause(
        "Connection refused",
        "Check that the receiver is running and listens on the port in the URL.",
    ),
    "unreachable": Cause(
        "Host unreachable",
        "Check the receiver's network, and that its firewall allows this connection.",
    ),
    "proxy": Cause(
        "Egress proxy failed",
        "The administrator must check DELIVERY_PROXY, and the proxy's rules and log.",
        ours=True,
    ),
    "reset": Cause(
        "Connection reset",
        "Check the logs and limits of the receiver and of any proxy in front of it.",
    ),
    "empty_reply": Cause(
        "Empty response",
        "The receiver must send a status line, such as HTTP/1.1 200 OK, before it closes.",
    ),
    "tls": Cause(
        "TLS handshake failed",
        "Check the receiver's TLS versions and ciphers, and that its port speaks HTTPS.",
    ),
    "tls_expired": Cause(
        "TLS: certificate expired",
        "Renew the receiver's certificate.",
    ),
    "tls_name": Cause(
        "TLS: hostname mismatch",
        "Install a certificate for the host in the URL, or correct the URL.",
    ),
    "tls_untrusted": Cause(
        "TLS: certificate not trusted",
        "Use a certificate from a public authority and serve its whole chain.",
    ),
    "timeout_connect": Cause(
        "Connection timeout",
        "Check that the receiver is up and that its firewall does not drop connections.",
    ),
    "timeout_tls": Cause(
        "TLS timeout",
        "The receiver accepted the connection but did not finish the handshake: check its load.",
    ),
    "timeout_send": Cause(
        "Send timeout",
        "The receiver reads the request body too slowly: check its load and its network.",
    ),
    "timeout_wait": Cause(
        "Response timeout",
        "Respond first and do the work afterwards, or raise the webhook's timeout.",
    ),
    "timeout_read": Cause(
        "Read timeout",
        "The receiver started a response and did not finish it: send a short, complete body.",
    ),
    "protocol": Cause(
        "Invalid response",
        "Check that the port in the URL speaks HTTP, and whether it should be https or http.",
    ),
    "headers_too_large": Cause(
        "Response headers too large",
        "Send less than 32 KiB of response headers.",
    ),
    "url": Cause(
        "Invalid URL",
        "Correct the webhook's URL.",
    ),
    "token": Cause(
        "OAuth token not available",
        "Check the token URL, client ID, secret and scope, and the authorization server's log.",
    ),
    "unrenderable": Cause(
        "Body could not be rendered",
        "Change the webhook's body format or its expression, or select fewer event types.",
    ),
    "too_large": Cause(
        "Request body too large",
        "Render a smaller body, or post smaller events.",
    ),
    "over_budget": Cause(
        "Body expression exceeded its budget",
        "Simplify the webhook's body expression, or narrow its event types to smaller events.",
    ),
    "sandbox": Cause(
        "Body expression could not be evaluated",
        "Nothing to do: it is retried. If it repeats, the operator should look at the server.",
        ours=True,
    ),
    "sealed": Cause(
        "Secret could not be decrypted",
        "The administrator must start Callboard with the SECRET_KEY that encrypted it.",
        ours=True,
    ),
    "worker_lost": Cause(
        "Worker stopped during the attempt",
        "Nothing to do: Callboard retries it. The receiver may see it twice, with the same id.",
        ours=True,
    ),
}

# {code: title} of the failure reasons.
FAILURE_TITLES = {code: cause.title for code, cause in CAUSES.items() if code != OK}


def cause_of_response(status: int, *, accepted: bool) -> str:
    """The cause of an attempt with a complete response. accepted: the success rule matches it."""
    if accepted:
        return OK
    if status == 410:
        return GONE
    return REDIRECT if 300 <= status < 400 else STATUS


def status_words(status: int) -> str:
    """`503 Service Unavailable`; a status without a standard phrase is the number alone."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def title_of(code: str, status: int | None = None) -> str:
    """The failure reason in a few words: `HTTP 503 Service Unavailable`, `DNS timeout`."""
    if code in {OK, STATUS} and status is not None:
        return f"HTTP {status_words(status)}"
    cause = CAUSES.get(code)
    title = cause.title if cause else "Attempt failed"
    return f"{title} (HTTP {status_words(status)})" if code == REDIRECT and status else title


def explain(code: str, status: int | None = None, detail: str = "") -> str:
    """The failure reason with its detail, as one sentence."""
    detail = detail.strip().rstrip(".")
    title = title_of(code, status)
    return f"{title}: {detail}." if detail and code != OK else f"{title}."


def what_to_do(code: str) -> str:
    cause = CAUSES.get(code)
    return cause.what_to_do if cause else "Check the request and response of the attempt."


def is_ours(code: str) -> bool:
    cause = CAUSES.get(code)
    return cause is not None and cause.ours
