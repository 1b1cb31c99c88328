"""Why an attempt ended as it did, in plain words, and what to do about it."""

from dataclasses import dataclass

OK = "ok"
STATUS = "status"
REDIRECT = "redirect"
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Cause:
    """title: what happened, a few words. what_to_do: a sentence for the webhook's owner.

    ours: the fault is the product's or its operator's, not the receiver's.
    """

    title: str
    what_to_do: str
    ours: bool = False


CAUSES: dict[str, Cause] = {
    OK: Cause("Answered", "Nothing to do."),
    STATUS: Cause(
        "The receiver answered with an error",
        "Look at the answer's body and at the receiver's own log for the time of the attempt.",
    ),
    REDIRECT: Cause(
        "The receiver redirected the request",
        "Redirects are not followed: set the webhook's URL to the address it points to.",
    ),
    GONE: Cause(
        "The receiver said that it is gone",
        "Where the preset says so, status 410 switches the webhook off: enable it when it is back.",
    ),
    "dns": Cause(
        "The name was not found",
        "Check the spelling of the host in the URL and that its DNS record exists.",
    ),
    "timeout_dns": Cause(
        "The name servers did not answer in time",
        "Check the name servers of the receiver's domain.",
    ),
    "address_refused": Cause(
        "The address may not be called",
        "Use a public address. Whoever runs this installation can allow private networks.",
    ),
    "refused": Cause(
        "The connection was refused",
        "Check that the receiver is running and listens on the port in the URL.",
    ),
    "unreachable": Cause(
        "The receiver cannot be reached",
        "Check that the receiver's network and its firewall let this connection in.",
    ),
    "reset": Cause(
        "The connection was cut",
        "The receiver or something before it broke the connection: look at its log and limits.",
    ),
    "empty_reply": Cause(
        "The receiver closed without an answer",
        "The receiver must send a status line, such as HTTP/1.1 200 OK, before it closes.",
    ),
    "tls": Cause(
        "No secure connection could be agreed",
        "Check the receiver's TLS versions and ciphers, and that its port speaks HTTPS.",
    ),
    "tls_expired": Cause(
        "The certificate is out of date",
        "Renew the receiver's certificate.",
    ),
    "tls_name": Cause(
        "The certificate is for another name",
        "Give the receiver a certificate for the host in the URL, or correct the URL.",
    ),
    "tls_untrusted": Cause(
        "The certificate is not trusted",
        "Use a certificate of a public authority, and serve its whole chain.",
    ),
    "timeout_connect": Cause(
        "No connection in time",
        "Check that the receiver is up and that its firewall does not drop connections.",
    ),
    "timeout_tls": Cause(
        "No secure connection in time",
        "The receiver took the connection and did not finish TLS: look at its load.",
    ),
    "timeout_send": Cause(
        "The request could not be sent in time",
        "The receiver takes the body too slowly: look at its load and its network.",
    ),
    "timeout_wait": Cause(
        "No answer in time",
        "Answer first and do the work afterwards, or give the webhook a longer timeout.",
    ),
    "timeout_read": Cause(
        "The answer did not end in time",
        "The receiver began to answer and did not finish: send a short, whole body.",
    ),
    "protocol": Cause(
        "The answer was not HTTP",
        "Check that the port in the URL speaks HTTP, and whether it should be https or http.",
    ),
    "headers_too_large": Cause(
        "The answer's headers are too large",
        "Send less than 32 KiB of headers.",
    ),
    "url": Cause(
        "The URL cannot be called",
        "Correct the webhook's URL.",
    ),
    "unrenderable": Cause(
        "No body could be made of this event",
        "Change the webhook's body format or its expression, or narrow its event types.",
    ),
    "too_large": Cause(
        "The body is too large to send",
        "Shape a smaller body, or post smaller events.",
    ),
    "sealed": Cause(
        "The webhook's secret cannot be opened",
        "Whoever runs this installation has to start it with the SECRET_KEY that it had.",
        ours=True,
    ),
    "worker_lost": Cause(
        "The worker stopped during the attempt",
        "Nothing to do: it is tried again. The receiver may see it twice, with the same id.",
        ours=True,
    ),
}


def cause_of_answer(status: int, *, accepted: bool) -> str:
    """The cause of an attempt that was answered, whole; accepted: the success rule takes it."""
    if accepted:
        return OK
    if status == 410:
        return GONE
    return REDIRECT if 300 <= status < 400 else STATUS


def explain(code: str, status: int | None = None, detail: str = "") -> str:
    """One sentence on what happened, for an attempt's cause, status and detail."""
    if code == OK:
        return f"The receiver answered with status {status}."
    if code == STATUS and status is not None:
        return _with_detail(f"The receiver answered with status {status}", detail)
    cause = CAUSES.get(code)
    title = cause.title if cause else "The attempt failed"
    if code == REDIRECT and status is not None:
        title = f"{title} (status {status})"
    return _with_detail(title, detail)


def what_to_do(code: str) -> str:
    cause = CAUSES.get(code)
    return cause.what_to_do if cause else "Look at the attempt's request and answer."


def is_ours(code: str) -> bool:
    cause = CAUSES.get(code)
    return cause is not None and cause.ours


def _with_detail(sentence: str, detail: str) -> str:
    detail = detail.strip().rstrip(".")
    return f"{sentence}: {detail}." if detail else f"{sentence}."
