"""What each failure reason means, in one or two sentences, for the page that lists them all."""

from app.domain.deliveries import causes

MEANINGS: dict[str, str] = {
    causes.OK: "The receiver sent a complete response that the webhook's success rule accepts.",
    causes.STATUS: (
        "The receiver sent a complete response whose status the webhook's success rule does not"
        " accept. Without a rule of its own a webhook accepts 200 to 299."
    ),
    causes.REDIRECT: (
        "The receiver responded with a redirect. Callboard never follows one: the signed request"
        " and its payload are for the configured URL only."
    ),
    causes.GONE: "The receiver says that this endpoint no longer exists and accepts no requests.",
    "dns": "The name servers say that the host of the URL has no address.",
    "timeout_dns": "The name servers of the host's domain did not respond in time.",
    "address_refused": (
        "The host's address is private, reserved or Callboard's own. Requests to such addresses"
        " could reach machines that are not on the internet."
    ),
    "refused": "The machine responded that nothing listens on this port.",
    "unreachable": "No route leads to the receiver's address, or a firewall rejects connections.",
    "proxy": (
        "This installation sends through an egress proxy, which was down, or refused to connect to"
        " the receiver's address."
    ),
    "reset": "The receiver, or a proxy in front of it, cut the connection before its response.",
    "empty_reply": "The receiver closed the connection without sending anything.",
    "tls": "The receiver and Callboard could not agree on an encrypted connection.",
    "tls_expired": "The receiver's certificate is past its end date, or not yet valid.",
    "tls_name": "The receiver's certificate is for other hosts than the one in the URL.",
    "tls_untrusted": (
        "The receiver's certificate is self-signed, from an unknown authority, or sent without its"
        " intermediate certificates. Browsers often have these; servers do not."
    ),
    "timeout_connect": "The receiver's address did not accept the connection in time.",
    "timeout_tls": "The connection was open, but its encryption was not set up in time.",
    "timeout_send": "The request could not be sent completely before the webhook's timeout.",
    "timeout_wait": (
        "The request was sent, and no response began before the webhook's timeout. The receiver may"
        " have handled the event: the next attempt has the same ID."
    ),
    "timeout_read": "The response began, and did not end before the webhook's timeout.",
    "protocol": "The response is not HTTP.",
    "headers_too_large": "The headers of the response exceed what Callboard reads.",
    "url": "No request can be made to the webhook's URL.",
    "token": (
        "The webhook authenticates with OAuth, and its authorization server gave no token. No"
        " request was made to the receiver. The details say what the token URL responded."
    ),
    "unrenderable": (
        "The webhook's body format or expression gives no body for this event, its payload has"
        " expired, or the delivery's stored data cannot be read. The details say which."
    ),
    "too_large": "The rendered body is larger than the limit of a request.",
    "over_budget": (
        "The webhook's body expression took more steps, memory or time than an expression may."
    ),
    "sandbox": "The process that evaluates expressions ended or did not respond.",
    "sealed": "A secret of the webhook was encrypted with a key that this installation lacks.",
    "worker_lost": (
        "The worker ended or lost its lease while the request was under way. Whether the receiver"
        " got it is unknown."
    ),
}
